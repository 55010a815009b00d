// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Batch} from "../src/Batch.sol";
import {Settlement} from "../src/Settlement.sol";
import {Scene} from "./Scene.sol";

contract SettlementTest is Scene {
    function setUp() public {
        open();
    }

    // Pay lines

    function test_aPayLineCreditsItsPayee() public {
        bytes32 id = job(1, 5 * ONE);
        Batch memory batch = pay(batchOf(1), id, worker, 2 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Settled(1, 100, batch.stateHash, sha256(abi.encode(batch)));
        vm.expectEmit(address(settlement));
        emit Settlement.Credited(id, worker, 2 * ONE, 2 * ONE);
        settle(batch);

        vm.assertEq(settlement.withdrawable(worker), 2 * ONE);
        vm.assertEq(settlement.creditedTo(id, worker), 2 * ONE);
        vm.assertEq(escrow.credited(id), 2 * ONE);
        vm.assertEq(escrow.left(id), 3 * ONE);
        vm.assertEq(token.balanceOf(address(settlement)), 2 * ONE);
        vm.assertEq(token.balanceOf(address(escrow)), 3 * ONE);
    }

    function test_aHigherTotalCreditsOnlyTheIncrease() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(batchOf(1), id, worker, 2 * ONE));
        vm.expectEmit(address(settlement));
        emit Settlement.Credited(id, worker, ONE, 3 * ONE);
        settle(pay(batchOf(2), id, worker, 3 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
    }

    function test_aLowerTotalIsIgnored() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(batchOf(2), id, worker, 3 * ONE));
        settle(pay(batchOf(3), id, worker, ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
        vm.assertEq(settlement.creditedTo(id, worker), 3 * ONE);
    }

    function test_aReplayedBatchCreditsNothing() public {
        bytes32 id = job(1, 5 * ONE);
        Batch memory batch = close(pay(batchOf(1), id, worker, 2 * ONE), id, 4 * ONE);
        settle(batch);
        vm.prank(worker);
        settlement.withdraw(worker);

        vm.recordLogs();
        settle(batch);
        vm.assertEq(vm.getRecordedLogs().length, 1); // Settled, and nothing else

        vm.assertEq(settlement.withdrawable(worker), 0);
        vm.assertEq(settlement.withdrawable(builder), ONE);
        vm.assertEq(escrow.left(id), 2 * ONE);
        vm.assertEq(escrow.credited(id), 2 * ONE);
    }

    function test_anOlderBatchAfterANewerOneChangesNothing() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(pay(batchOf(2), id, worker, 3 * ONE), id, fees, ONE));
        settle(pay(batchOf(1), id, worker, 2 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
        vm.assertEq(settlement.withdrawable(fees), ONE);
    }

    function test_aLaterBatchSupersedesOnesThatNeverArrived() public {
        bytes32 id = job(1, 5 * ONE);
        settle(close(pay(pay(batchOf(9), id, worker, 3 * ONE), id, fees, ONE), id, 4 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
        vm.assertEq(settlement.withdrawable(fees), ONE);
        vm.assertEq(settlement.withdrawable(builder), ONE);
    }

    function test_aLineTwiceInABatchCountsOnce() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(pay(batchOf(1), id, worker, ONE), id, worker, ONE));
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_anEmptyBatchIsSettled() public {
        settle(batchOf(1));
        vm.assertEq(token.balanceOf(address(settlement)), 0);
    }

    function test_anybodyMayBringABatch() public {
        bytes32 id = job(1, ONE);
        Batch memory batch = pay(batchOf(1), id, worker, ONE);
        vm.prank(vm.addr(STRANGER_KEY));
        settlement.settle(batch, quorum(batch));
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    /// Two batches in any order, with replays, leave the same books.
    function testFuzz_theOrderOfBatchesDoesNotMatter(
        uint64[2] calldata first,
        uint64[2] calldata more,
        uint8 order
    ) public {
        uint128 a = uint128(first[0]) + more[0];
        uint128 b = uint128(first[1]) + more[1];
        uint128 deposited = a + b + MIN_DEPOSIT;
        bytes32 id = job(1, deposited);
        Batch memory older = pay(pay(batchOf(1), id, worker, first[0]), id, fees, first[1]);
        Batch memory newer = close(pay(pay(batchOf(2), id, worker, a), id, fees, b), id, a + b);

        bool newerCame = false;
        for (uint256 i = 0; i < 8; i++) {
            bool isNewer = (order >> i) & 1 == 1;
            settle(isNewer ? newer : older);
            newerCame = newerCame || isNewer;
        }
        if (!newerCame) settle(newer);

        vm.assertEq(settlement.withdrawable(worker), a);
        vm.assertEq(settlement.withdrawable(fees), b);
        vm.assertEq(settlement.withdrawable(builder), MIN_DEPOSIT);
        vm.assertEq(escrow.left(id), 0);
        vm.assertEq(token.balanceOf(address(escrow)), 0);
    }

    // Clamps

    function test_aTotalAboveTheDepositsIsClampedAndSaysSo() public {
        bytes32 id = job(1, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Credited(id, worker, 5 * ONE, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(id, worker, 2 * ONE);
        settle(pay(batchOf(1), id, worker, 7 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 5 * ONE);
        vm.assertEq(settlement.creditedTo(id, worker), 5 * ONE);
    }

    function test_whatALineLackedIsCreditedAfterATopUp() public {
        bytes32 id = job(1, 5 * ONE);
        Batch memory batch = pay(batchOf(1), id, worker, 7 * ONE);
        settle(batch);
        job(1, 5 * ONE);
        settle(batch);
        vm.assertEq(settlement.withdrawable(worker), 7 * ONE);
        vm.assertEq(escrow.left(id), 3 * ONE);
    }

    function test_anUnknownJobFallsShortAndBlocksNoLine() public {
        bytes32 id = job(1, 5 * ONE);
        Batch memory batch = pay(batchOf(1), SPEC, worker, ONE);
        batch = pay(batch, id, worker, 2 * ONE);
        batch = close(close(batch, SPEC, ONE), id, 2 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(SPEC, worker, ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Credited(id, worker, 2 * ONE, 2 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(SPEC, address(0), ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Closed(id, 2 * ONE, 3 * ONE);
        settle(batch);
        vm.assertFalse(escrow.closed(SPEC));
        vm.assertEq(settlement.creditedTo(SPEC, worker), 0);
    }

    function test_aJobClosedBeforeItIsKnownStaysOpenToItsDeposit() public {
        bytes32 id = escrow.jobId(builder, 1, SPEC, REFUND_AT);
        settle(close(batchOf(1), id, 0));
        vm.assertFalse(escrow.closed(id));
        job(1, ONE);
        settle(close(batchOf(1), id, 0));
        vm.assertEq(settlement.withdrawable(builder), ONE);
    }

    function test_oneJobsMoneyNeverPaysForAnother() public {
        bytes32 poor = job(1, ONE);
        bytes32 rich = job(2, 9 * ONE);
        settle(pay(batchOf(1), poor, worker, 5 * ONE));
        vm.assertEq(settlement.withdrawable(worker), ONE);
        vm.assertEq(escrow.left(rich), 9 * ONE);
    }

    function test_theLargestTotalsOverflowNothing() public {
        bytes32 id = job(1, ONE);
        staked(worker, ONE);
        uint128 max = type(uint128).max;
        Batch memory batch = pay(pay(batchOf(1), id, worker, max), id, fees, max);
        batch = slash(close(batch, id, max), worker, max);
        batch = compensate(compensate(batch, worker, other, max), worker, fees, max);
        settle(batch);
        settle(batch);
        vm.assertEq(settlement.withdrawable(worker), ONE);
        vm.assertEq(settlement.withdrawable(other), ONE);
        vm.assertEq(settlement.withdrawable(fees), 0);
    }

    // Close lines

    function test_aCloseRefundsWhatTheFinalTotalLeaves() public {
        bytes32 id = job(1, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Closed(id, 3 * ONE, 2 * ONE);
        settle(close(batchOf(1), id, 3 * ONE));
        vm.assertTrue(escrow.closed(id));
        vm.assertEq(settlement.withdrawable(builder), 2 * ONE);
        vm.assertEq(escrow.left(id), 3 * ONE);
        vm.assertEq(escrow.refunded(id), 2 * ONE);
    }

    function test_payAfterTheCloseComesFromWhatIsKept() public {
        bytes32 id = job(1, 5 * ONE);
        settle(close(pay(batchOf(1), id, worker, ONE), id, 3 * ONE));
        settle(pay(pay(batchOf(2), id, worker, 2 * ONE), id, fees, ONE));
        vm.assertEq(settlement.withdrawable(worker), 2 * ONE);
        vm.assertEq(settlement.withdrawable(fees), ONE);
        vm.assertEq(escrow.left(id), 0);
    }

    function test_payAboveTheFinalTotalFallsShort() public {
        bytes32 id = job(1, 5 * ONE);
        settle(close(batchOf(1), id, 3 * ONE));
        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(id, worker, ONE);
        settle(pay(batchOf(2), id, worker, 4 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
        vm.assertEq(settlement.withdrawable(builder), 2 * ONE);
    }

    function test_closingTwiceIsHarmless() public {
        bytes32 id = job(1, 5 * ONE);
        settle(close(batchOf(1), id, 3 * ONE));
        settle(close(batchOf(2), id, 3 * ONE));
        settle(close(batchOf(3), id, 0)); // a close is for good
        vm.assertEq(settlement.withdrawable(builder), 2 * ONE);
        vm.assertEq(escrow.left(id), 3 * ONE);
    }

    function test_aFinalTotalAboveTheDepositsIsClampedAndSaysSo() public {
        bytes32 id = job(1, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Closed(id, 5 * ONE, 0);
        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(id, address(0), 2 * ONE);
        settle(close(batchOf(1), id, 7 * ONE));
        vm.assertEq(settlement.withdrawable(builder), 0);
        vm.assertEq(escrow.left(id), 5 * ONE);
    }

    function test_aFinalTotalBelowWhatIsCreditedTakesNothingBack() public {
        bytes32 id = job(1, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Credited(id, worker, 3 * ONE, 3 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Closed(id, 3 * ONE, 2 * ONE);
        settle(close(pay(batchOf(1), id, worker, 3 * ONE), id, ONE));
        vm.assertEq(settlement.withdrawable(worker), 3 * ONE);
        vm.assertEq(settlement.withdrawable(builder), 2 * ONE);
    }

    // Close and reclaim

    function test_afterTheRefundDateUnclaimedPayOfAClosedJobIsTheBuilders() public {
        bytes32 id = job(1, 5 * ONE);
        settle(close(pay(batchOf(1), id, worker, ONE), id, 3 * ONE));
        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(id);
        vm.assertEq(token.balanceOf(builder), 2 * ONE);
        vm.assertEq(settlement.withdrawable(builder), 2 * ONE);
        vm.assertEq(escrow.refunded(id), 4 * ONE);

        vm.expectEmit(address(settlement));
        emit Settlement.Shortfall(id, worker, ONE);
        settle(pay(batchOf(2), id, worker, 2 * ONE));
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_aCloseAfterAReclaimRefundsNothingAgain() public {
        bytes32 id = job(1, 5 * ONE);
        settle(pay(batchOf(1), id, worker, ONE));
        vm.warp(REFUND_AT);
        vm.prank(builder);
        escrow.reclaim(id);
        vm.expectEmit(address(settlement));
        emit Settlement.Closed(id, ONE, 0);
        settle(close(batchOf(2), id, ONE));
        vm.assertEq(settlement.withdrawable(builder), 0);
        vm.assertEq(token.balanceOf(builder), 4 * ONE);
        vm.assertEq(escrow.refunded(id), 4 * ONE);
    }

    function test_untilItIsReclaimedAJobStillPaysAfterItsRefundDate() public {
        bytes32 id = job(1, 5 * ONE);
        vm.warp(REFUND_AT + 1 days);
        settle(pay(batchOf(1), id, worker, 2 * ONE));
        vm.assertEq(settlement.withdrawable(worker), 2 * ONE);
    }

    // Withdrawal

    function test_aPayeeWithdrawsTheWholeBalanceToAnyAddress() public {
        bytes32 one = job(1, 5 * ONE);
        bytes32 two = job(2, 5 * ONE);
        staked(other, ONE);
        Batch memory batch = pay(pay(batchOf(1), one, worker, ONE), two, worker, 2 * ONE);
        settle(compensate(slash(batch, other, ONE), other, worker, ONE));

        vm.expectEmit(address(settlement));
        emit Settlement.Withdrawn(worker, fees, 4 * ONE);
        vm.prank(worker);
        settlement.withdraw(fees);
        vm.assertEq(token.balanceOf(fees), 4 * ONE);
        vm.assertEq(settlement.withdrawable(worker), 0);
        vm.assertEq(token.balanceOf(address(settlement)), 0);
    }

    function test_aSecondWithdrawalIsRefused() public {
        settle(pay(batchOf(1), job(1, ONE), worker, ONE));
        vm.prank(worker);
        settlement.withdraw(worker);
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(Settlement.NothingToWithdraw.selector, worker));
        settlement.withdraw(worker);
    }

    function test_withdrawingToNobodyIsRefused() public {
        settle(pay(batchOf(1), job(1, ONE), worker, ONE));
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(Settlement.ZeroRecipient.selector));
        settlement.withdraw(address(0));
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_nobodyWithdrawsAnothersBalance() public {
        settle(pay(batchOf(1), job(1, ONE), worker, ONE));
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(Settlement.NothingToWithdraw.selector, other));
        settlement.withdraw(other);
    }

    function test_donatedTokensBelongToNobody() public {
        bytes32 id = job(1, ONE);
        token.mint(address(settlement), 7 * ONE);
        token.mint(address(escrow), 7 * ONE);
        settle(close(pay(batchOf(1), id, worker, 2 * ONE), id, 2 * ONE));
        vm.assertEq(settlement.withdrawable(worker), ONE);
        vm.assertEq(settlement.withdrawable(builder), 0);
        vm.assertEq(token.balanceOf(address(settlement)), 8 * ONE);
    }

    // The digest

    /// Both digests come from an encoder written apart from this code; README has the layout.
    function test_theDigestIsThatOfThePublishedLayout() public view {
        Batch memory batch;
        batch.id = 1;
        vm.assertEq(
            settlement.digestOf(batch),
            0x88af2178b48359c876bd73bdc85bc8691f61bcf358842b05ec8fe2f53d231c34
        );

        batch.id = 7;
        batch.logIndex = 812;
        batch.stateHash = filled(0x33);
        batch.receiptsRoot = filled(0x44);
        batch.receiptsSum = 1_500_000;
        batch = pay(batch, filled(0x11), person(0xaa), 1_000_000);
        batch = pay(batch, filled(0x22), person(0xbb), 2 ** 64);
        batch = close(batch, filled(0x11), 1_000_001);
        batch = slash(batch, person(0xcc), 5);
        batch = compensate(batch, person(0xcc), person(0xdd), 3);
        vm.assertEq(
            settlement.digestOf(batch),
            0xd508acea1df117a9b6f0494567af9a701ea24d0434215bab54a5767dbc53ab1e
        );
    }

    function filled(uint8 b) private pure returns (bytes32) {
        return bytes32((type(uint256).max / 255) * b);
    }

    function person(uint8 b) private pure returns (address) {
        return address(uint160((type(uint160).max / 255) * b));
    }

    // Construction

    function test_theContractsKnowEachOther() public view {
        vm.assertEq(address(settlement.token()), address(token));
        vm.assertEq(address(escrow.token()), address(token));
        vm.assertEq(address(vault.token()), address(token));
        vm.assertEq(escrow.settlement(), address(settlement));
        vm.assertEq(vault.settlement(), address(settlement));
        vm.assertEq(escrow.minDeposit(), MIN_DEPOSIT);
        vm.assertEq(escrow.maxRefundDelay(), MAX_REFUND_DELAY);
        vm.assertEq(vault.unbondingDelay(), UNBONDING_DELAY);
    }

    /// Lets a deployer pipeline its transactions: both follow from the settlement's address.
    function test_escrowAndVaultHaveTheAddressesOfTheFirstTwoCreations() public view {
        vm.assertEq(address(escrow), created(address(settlement), 1));
        vm.assertEq(address(vault), created(address(settlement), 2));
    }

    function created(address by, uint8 nonce) private pure returns (address) {
        bytes memory rlp = abi.encodePacked(hex"d694", by, nonce);
        return address(uint160(uint256(keccak256(rlp))));
    }

    function test_aTokenWithOtherDecimalsIsRefused() public {
        ERC20 eighteen = new Eighteen();
        vm.expectRevert(
            abi.encodeWithSelector(Settlement.WrongDecimals.selector, address(eighteen), 18)
        );
        network(IERC20Metadata(address(eighteen)));
    }
}

contract Eighteen is ERC20 {
    constructor() ERC20("Eighteen", "E") {}
}
