// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Custody} from "../src/Custody.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {Scene} from "./Scene.sol";

contract JobEscrowTest is Scene {
    function setUp() public {
        open();
    }

    // Deposits

    function test_aDepositOpensAJobAndIsAnnounced() public {
        give(builder, address(escrow), 5 * ONE);
        bytes32 id = escrow.jobId(builder, 1, SPEC, REFUND_AT);

        vm.expectEmit(address(escrow));
        emit JobEscrow.Deposited(id, builder, 1, SPEC, REFUND_AT, 5 * ONE, 5 * ONE);
        vm.prank(builder);
        bytes32 given = escrow.deposit(builder, 1, SPEC, REFUND_AT, 5 * ONE);

        vm.assertEq(given, id);
        vm.assertEq(escrow.deposits(id), 5 * ONE);
        vm.assertEq(escrow.left(id), 5 * ONE);
        vm.assertEq(escrow.credited(id), 0);
        vm.assertEq(escrow.refunded(id), 0);
        vm.assertFalse(escrow.closed(id));
        vm.assertEq(escrow.builderOf(id), builder);
        vm.assertEq(token.balanceOf(address(escrow)), 5 * ONE);
        vm.assertEq(token.balanceOf(builder), 0);
    }

    function test_theSameTupleTopsUpTheSameJob() public {
        bytes32 id = job(1, ONE);
        give(builder, address(escrow), 2 * ONE);
        vm.expectEmit(address(escrow));
        emit JobEscrow.Deposited(id, builder, 1, SPEC, REFUND_AT, 2 * ONE, 3 * ONE);
        vm.prank(builder);
        bytes32 again = escrow.deposit(builder, 1, SPEC, REFUND_AT, 2 * ONE);

        vm.assertEq(again, id);
        vm.assertEq(escrow.deposits(id), 3 * ONE);
        vm.assertEq(escrow.left(id), 3 * ONE);
    }

    function test_anybodyFundsAndTheMoneyIsTheBuilders() public {
        give(other, address(escrow), ONE);
        vm.prank(other);
        bytes32 id = escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
        vm.assertEq(escrow.builderOf(id), builder);

        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(id);
        vm.assertEq(token.balanceOf(builder), ONE);
        vm.assertEq(token.balanceOf(other), 0);
    }

    function test_theJobIdIsTheHashOfChainContractAndTuple() public view {
        bytes32 id = escrow.jobId(builder, 1, SPEC, REFUND_AT);
        bytes32 expected =
            sha256(abi.encode(block.chainid, address(escrow), builder, uint64(1), SPEC, REFUND_AT));
        vm.assertEq(id, expected);
    }

    function test_everyPartOfTheTupleMakesAnotherJob() public {
        bytes32 id = escrow.jobId(builder, 1, SPEC, REFUND_AT);
        vm.assertTrue(id != escrow.jobId(other, 1, SPEC, REFUND_AT));
        vm.assertTrue(id != escrow.jobId(builder, 2, SPEC, REFUND_AT));
        vm.assertTrue(id != escrow.jobId(builder, 1, bytes32(0), REFUND_AT));
        vm.assertTrue(id != escrow.jobId(builder, 1, SPEC, REFUND_AT + 1));
        JobEscrow another = new JobEscrow(token, address(this), 1, 1);
        vm.assertTrue(id != another.jobId(builder, 1, SPEC, REFUND_AT));
        vm.chainId(4242);
        vm.assertTrue(id != escrow.jobId(builder, 1, SPEC, REFUND_AT));
    }

    function test_aDepositWithoutABuilderIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.ZeroBuilder.selector));
        escrow.deposit(address(0), 1, SPEC, REFUND_AT, ONE);
    }

    function test_aFirstDepositBelowTheMinimumIsRefused() public {
        refusedAsTooSmall();
    }

    function test_aTopUpBelowTheMinimumIsRefused() public {
        job(1, ONE);
        refusedAsTooSmall();
    }

    function refusedAsTooSmall() private {
        give(builder, address(escrow), MIN_DEPOSIT);
        vm.prank(builder);
        vm.expectRevert(
            abi.encodeWithSelector(JobEscrow.DepositTooSmall.selector, MIN_DEPOSIT - 1, MIN_DEPOSIT)
        );
        escrow.deposit(builder, 1, SPEC, REFUND_AT, MIN_DEPOSIT - 1);
    }

    function test_theLeastDepositIsAccepted() public {
        vm.assertEq(escrow.deposits(job(1, MIN_DEPOSIT)), MIN_DEPOSIT);
    }

    function test_aRefundDateThatIsNotAheadIsRefused() public {
        refusedRefundAt(START);
        refusedRefundAt(START - 1);
    }

    function test_aRefundDateTooFarAheadIsRefused() public {
        refusedRefundAt(START + MAX_REFUND_DELAY + 1);
        refusedRefundAt(type(uint64).max);
    }

    function refusedRefundAt(uint64 refundAt) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                JobEscrow.RefundAtOutOfRange.selector,
                refundAt,
                uint256(START) + 1,
                uint256(START) + MAX_REFUND_DELAY
            )
        );
        escrow.deposit(builder, 1, SPEC, refundAt, ONE);
    }

    function test_theFirstAndLastPossibleRefundDatesAreAccepted() public {
        give(builder, address(escrow), 2 * ONE);
        vm.prank(builder);
        escrow.deposit(builder, 1, SPEC, START + 1, ONE);
        vm.prank(builder);
        escrow.deposit(builder, 1, SPEC, START + MAX_REFUND_DELAY, ONE);
    }

    function test_aClosedJobTakesNoDeposit() public {
        bytes32 id = job(1, ONE);
        settle(close(batchOf(1), id, 0));
        give(builder, address(escrow), ONE);
        vm.prank(builder);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.JobIsClosed.selector, id));
        escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
    }

    function test_aReclaimedJobTakesNoDeposit() public {
        bytes32 id = job(1, ONE);
        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(id);
        vm.expectRevert(
            abi.encodeWithSelector(
                JobEscrow.RefundAtOutOfRange.selector,
                REFUND_AT,
                uint256(REFUND_AT) + 1,
                uint256(REFUND_AT) + MAX_REFUND_DELAY
            )
        );
        escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
    }

    function test_depositsOfAJobCannotOverflow() public {
        bytes32 id = job(1, type(uint128).max);
        give(other, address(escrow), ONE);
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        escrow.deposit(builder, 1, SPEC, REFUND_AT, ONE);
        vm.assertEq(escrow.deposits(id), type(uint128).max);
    }

    // Reclaim

    function test_fromTheRefundDateOnTheBuilderTakesTheRest() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(batchOf(1), id, worker, 2 * ONE));

        vm.warp(REFUND_AT);
        vm.expectEmit(address(escrow));
        emit JobEscrow.Reclaimed(id, builder, 3 * ONE);
        vm.prank(builder);
        escrow.reclaim(id);

        vm.assertEq(token.balanceOf(builder), 3 * ONE);
        vm.assertEq(escrow.refunded(id), 3 * ONE);
        vm.assertEq(escrow.left(id), 0);
        vm.assertEq(settlement.withdrawable(worker), 2 * ONE);
    }

    function test_oneSecondEarlierTheBuilderGetsNothing() public {
        bytes32 id = job(1, ONE);
        vm.warp(REFUND_AT - 1);
        vm.prank(builder);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.TooEarlyToReclaim.selector, id, REFUND_AT));
        escrow.reclaim(id);
    }

    function test_nobodyButTheBuilderReclaims() public {
        bytes32 id = job(1, ONE);
        vm.warp(REFUND_AT);
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.NotTheBuilder.selector, id, other));
        escrow.reclaim(id);
    }

    function test_anUnknownJobCannotBeReclaimed() public {
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.NotTheBuilder.selector, SPEC, other));
        escrow.reclaim(SPEC);
    }

    function test_aSecondReclaimIsRefused() public {
        bytes32 id = job(1, ONE);
        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(id);
        vm.prank(builder);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.NothingToReclaim.selector, id));
        escrow.reclaim(id);
    }

    function test_reclaimTakesOnlyTheOwnJobsMoney() public {
        bytes32 mine = job(1, ONE);
        bytes32 next = job(2, 2 * ONE);
        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(mine);
        vm.assertEq(escrow.left(next), 2 * ONE);
        vm.assertEq(token.balanceOf(address(escrow)), 2 * ONE);
    }

    // What Settlement alone may do

    function test_onlySettlementCreditsClosesAndReleases() public {
        bytes32 id = job(1, ONE);
        bytes memory reason = abi.encodeWithSelector(Custody.NotSettlement.selector, address(this));
        vm.expectRevert(reason);
        escrow.credit(id, 1);
        vm.expectRevert(reason);
        escrow.close(id, 1);
        vm.expectRevert(reason);
        escrow.release(1);
    }

    // Construction

    function test_anEscrowNeedsAMinimumDepositAndARefundHorizon() public {
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.ZeroMinDeposit.selector));
        new JobEscrow(IERC20(address(token)), address(this), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.ZeroMaxRefundDelay.selector));
        new JobEscrow(IERC20(address(token)), address(this), 1, 0);
    }

    // Overspend

    /// Whatever the validators sign, a job never costs more than was paid in for it.
    function testFuzz_aJobNeverSpendsMoreThanItsDeposits(
        uint128 amount,
        uint128[6] calldata totals,
        uint128 finalTotal,
        bool closes,
        bool reclaims
    ) public {
        amount =
            MIN_DEPOSIT + (amount % (type(uint128).max - MIN_DEPOSIT));
        bytes32 id = job(1, amount);
        bytes32 bystander = job(2, ONE);
        address[3] memory payees = [worker, other, fees];

        for (uint64 i = 0; i < totals.length; i++) {
            if (i == 3 && closes) settle(close(batchOf(9), id, finalTotal));
            if (i == 4 && reclaims && escrow.left(id) > 0) {
                vm.warp(REFUND_AT);
                vm.prank(builder);
                escrow.reclaim(id);
            }
            settle(pay(batchOf(i), id, payees[i % 3], totals[i]));
        }

        uint256 paid = settlement.withdrawable(worker) + settlement.withdrawable(other)
            + settlement.withdrawable(fees);
        uint256 back = settlement.withdrawable(builder) + token.balanceOf(builder);
        vm.assertEq(paid, escrow.credited(id), "paid");
        vm.assertEq(back, escrow.refunded(id), "refunded");
        vm.assertEq(paid + back + escrow.left(id), amount, "conserved");
        vm.assertEq(escrow.left(bystander), ONE, "another job");
        vm.assertEq(token.balanceOf(address(escrow)), uint256(escrow.left(id)) + ONE, "escrow");
    }
}
