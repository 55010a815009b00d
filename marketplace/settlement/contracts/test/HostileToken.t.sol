// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Batch} from "../src/Batch.sol";
import {WrongAmountReceived} from "../src/Custody.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {Scene} from "./Scene.sol";

/// @notice A token that does one nasty thing when told to.
contract HostileToken is ERC20 {
    uint256 public fee;
    bool public lies;
    address public target;
    bytes public call;
    bool public succeeded;
    bytes public answer;

    constructor() ERC20("Hostile", "H") {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// Keeps this much of every transfer.
    function take(uint256 fee_) external {
        fee = fee_;
    }

    /// Moves nothing and returns false.
    function lie() external {
        lies = true;
    }

    /// Makes this call, once, in the middle of the next transfer.
    function callBack(address target_, bytes calldata call_) external {
        target = target_;
        call = call_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !lies && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !lies && super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool moved = from != address(0) && to != address(0);
        super._update(from, to, moved ? amount - fee : amount);
        if (moved && fee > 0) super._update(from, address(0), fee);
        if (moved && target != address(0)) {
            address once = target;
            target = address(0);
            (succeeded, answer) = once.call(call);
        }
    }
}

contract HostileTokenTest is Scene {
    HostileToken private hostile;

    function setUp() public {
        vm.warp(START);
        hostile = new HostileToken();
        settlement = network(IERC20Metadata(address(hostile)));
        escrow = settlement.escrow();
        vault = settlement.vault();
        rich(builder, address(escrow), 100 * ONE);
        rich(worker, address(vault), 100 * ONE);
    }

    // A fee on transfers

    function test_aDepositOfWhichAFeeIsTakenIsRefused() public {
        hostile.take(1);
        vm.prank(builder);
        vm.expectRevert(
            abi.encodeWithSelector(WrongAmountReceived.selector, uint256(ONE), uint256(ONE) - 1)
        );
        escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
    }

    function test_stakeOfWhichAFeeIsTakenIsRefused() public {
        hostile.take(1);
        vm.prank(worker);
        vm.expectRevert(
            abi.encodeWithSelector(WrongAmountReceived.selector, uint256(ONE), uint256(ONE) - 1)
        );
        vault.stake(ONE);
    }

    function test_aBatchOfWhichAFeeIsTakenWaitsUntilTheFeeIsGone() public {
        bytes32 id = hostileJob(1);
        Batch memory batch = pay(batchOf(1), id, worker, ONE);
        hostile.take(1);
        refusedBatch(
            batch,
            abi.encodeWithSelector(WrongAmountReceived.selector, uint256(ONE), uint256(ONE) - 1)
        );
        vm.assertEq(settlement.withdrawable(worker), 0);
        hostile.take(0);
        settle(batch);
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    // A false answer

    function test_aDepositThatTheTokenDeniesIsRefused() public {
        hostile.lie();
        vm.prank(builder);
        vm.expectRevert(failed());
        escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
    }

    function test_stakeThatTheTokenDeniesIsRefused() public {
        hostile.lie();
        vm.prank(worker);
        vm.expectRevert(failed());
        vault.stake(ONE);
    }

    function test_aWithdrawalThatTheTokenDeniesKeepsTheBalance() public {
        settle(pay(batchOf(1), hostileJob(1), worker, ONE));
        hostile.lie();
        vm.prank(worker);
        vm.expectRevert(failed());
        settlement.withdraw(worker);
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_aReclaimThatTheTokenDeniesKeepsTheMoney() public {
        bytes32 id = hostileJob(1);
        hostile.lie();
        vm.warp(REFUND_AT);
        vm.prank(builder);
        vm.expectRevert(failed());
        escrow.reclaim(id);
        vm.assertEq(escrow.left(id), ONE);
    }

    function test_aBatchThatTheTokenDeniesIsNotBooked() public {
        bytes32 id = hostileJob(1);
        hostile.lie();
        refusedBatch(pay(batchOf(1), id, worker, ONE), failed());
        vm.assertEq(settlement.withdrawable(worker), 0);
        vm.assertEq(escrow.left(id), ONE);
    }

    // A call in the middle of a transfer

    function test_aDepositCannotBeEnteredTwice() public {
        rich(address(hostile), address(escrow), ONE);
        hostile.callBack(
            address(escrow), abi.encodeCall(escrow.deposit, (builder, 1, SPEC, REFUND_AT, ONE))
        );
        bytes32 id = hostileJob(1);
        reentered();
        vm.assertEq(escrow.deposits(id), ONE);
    }

    function test_stakingCannotBeEnteredTwice() public {
        rich(address(hostile), address(vault), ONE);
        hostile.callBack(address(vault), abi.encodeCall(vault.stake, (ONE)));
        vm.prank(worker);
        vault.stake(ONE);
        reentered();
        vm.assertEq(vault.bonded(address(hostile)), 0);
    }

    function test_aWithdrawalCannotBeEnteredTwice() public {
        bytes32 id = hostileJob(1);
        hostileJob(2);
        settle(pay(pay(batchOf(1), id, worker, ONE / 2), id, address(hostile), ONE / 2));
        hostile.callBack(
            address(settlement), abi.encodeCall(settlement.withdraw, (address(hostile)))
        );
        vm.prank(worker);
        settlement.withdraw(worker);
        reentered();
        vm.assertEq(hostile.balanceOf(address(hostile)), 0);
        vm.assertEq(settlement.withdrawable(address(hostile)), ONE / 2);
    }

    function test_aBatchCannotBeSettledWithinABatch() public {
        bytes32 id = hostileJob(1);
        Batch memory inner = pay(batchOf(1), id, worker, ONE);
        hostile.callBack(
            address(settlement), abi.encodeCall(settlement.settle, (inner, quorum(inner)))
        );
        settle(pay(batchOf(2), id, fees, ONE / 2));
        reentered();
        vm.assertEq(settlement.withdrawable(worker), 0);
        settle(inner);
        vm.assertEq(settlement.withdrawable(worker), ONE / 2);
    }

    /// Settlement's own guard: this batch would move no token, so no other guard would see it.
    function test_notEvenAnEmptyBatchIsSettledWithinABatch() public {
        bytes32 id = hostileJob(1);
        Batch memory inner = batchOf(1);
        hostile.callBack(
            address(settlement), abi.encodeCall(settlement.settle, (inner, quorum(inner)))
        );
        settle(pay(batchOf(2), id, fees, ONE));
        reentered();
    }

    function test_nothingIsWithdrawnWithinABatch() public {
        bytes32 id = hostileJob(1);
        settle(pay(batchOf(1), id, address(hostile), ONE / 4));
        hostile.callBack(
            address(settlement), abi.encodeCall(settlement.withdraw, (address(hostile)))
        );
        settle(pay(batchOf(2), id, fees, ONE / 2));
        reentered();
        vm.assertEq(settlement.withdrawable(address(hostile)), ONE / 4);
    }

    function test_nothingIsReclaimedWithinAReclaim() public {
        rich(address(hostile), address(escrow), ONE);
        bytes32 id = hostileJob(1);
        vm.prank(address(hostile));
        bytes32 own = escrow.deposit(address(hostile), 1, SPEC, REFUND_AT, ONE);
        vm.warp(REFUND_AT);
        hostile.callBack(address(escrow), abi.encodeCall(escrow.reclaim, (own)));
        vm.prank(builder);
        escrow.reclaim(id);
        reentered();
        vm.assertEq(escrow.left(own), ONE);
    }

    function test_noStakeIsWithdrawnWithinAWithdrawal() public {
        rich(address(hostile), address(vault), ONE);
        vm.prank(address(hostile));
        vault.stake(ONE);
        vm.prank(address(hostile));
        vault.requestUnstake(ONE);
        vm.prank(worker);
        vault.stake(ONE);
        vm.prank(worker);
        vault.requestUnstake(ONE);
        vm.warp(START + UNBONDING_DELAY);
        hostile.callBack(address(vault), abi.encodeCall(vault.withdrawUnstaked, ()));
        vm.prank(worker);
        vault.withdrawUnstaked();
        reentered();
        vm.assertEq(vault.unbonding(address(hostile)), ONE);
    }

    /// The batch would take money out of the escrow while the escrow measures what comes in.
    function test_noBatchIsSettledWithinADeposit() public {
        bytes32 id = hostileJob(1);
        Batch memory batch = pay(batchOf(1), id, worker, ONE);
        hostile.callBack(
            address(settlement), abi.encodeCall(settlement.settle, (batch, quorum(batch)))
        );
        hostileJob(2);
        reentered();
        vm.assertEq(settlement.withdrawable(worker), 0);
        vm.assertEq(hostile.balanceOf(address(escrow)), 2 * ONE);
    }

    // Words

    function rich(address who, address spender, uint256 amount) private {
        hostile.mint(who, amount);
        vm.prank(who);
        hostile.approve(spender, type(uint256).max);
    }

    function hostileJob(uint64 nonce) private returns (bytes32) {
        vm.prank(builder);
        return escrow.deposit(builder, nonce, SPEC, REFUND_AT, ONE);
    }

    function refusedBatch(Batch memory batch, bytes memory reason) private {
        try settlement.settle(batch, quorum(batch)) {
            vm.assertTrue(false);
        } catch (bytes memory given) {
            vm.assertEq(keccak256(given), keccak256(reason));
        }
    }

    function failed() private view returns (bytes memory) {
        return abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile));
    }

    /// The call in the middle was made, and the guard refused it.
    function reentered() private view {
        vm.assertEq(hostile.target(), address(0));
        vm.assertFalse(hostile.succeeded());
        vm.assertEq(
            bytes32(bytes4(hostile.answer())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }
}
