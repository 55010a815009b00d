// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Custody} from "../src/Custody.sol";
import {Settlement} from "../src/Settlement.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Scene} from "./Scene.sol";

contract StakeVaultTest is Scene {
    function setUp() public {
        open();
    }

    // Stake

    function test_stakeIsBondedAndAnnounced() public {
        staked(worker, ONE);
        give(worker, address(vault), 2 * ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.Staked(worker, 2 * ONE, 3 * ONE);
        vm.prank(worker);
        vault.stake(2 * ONE);
        vm.assertEq(vault.bonded(worker), 3 * ONE);
        vm.assertEq(token.balanceOf(address(vault)), 3 * ONE);
    }

    function test_anybodyStakesForAnOwner() public {
        give(other, address(vault), ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.Staked(worker, ONE, ONE);
        vm.prank(other);
        vault.stakeFor(worker, ONE);
        vm.assertEq(vault.bonded(worker), ONE);
        vm.assertEq(vault.bonded(other), 0);
    }

    function test_stakeWithoutAnOwnerIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(StakeVault.ZeroOwner.selector));
        vault.stakeFor(address(0), ONE);
    }

    function test_stakingNothingIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(StakeVault.ZeroAmount.selector));
        vault.stake(0);
    }

    // Unstake

    function test_unbondingStakeNoLongerCountsAsBonded() public {
        staked(worker, 5 * ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.UnstakeRequested(worker, 2 * ONE, 3 * ONE, START + UNBONDING_DELAY);
        vm.prank(worker);
        vault.requestUnstake(2 * ONE);
        vm.assertEq(vault.bonded(worker), 3 * ONE);
        vm.assertEq(vault.unbonding(worker), 2 * ONE);
        vm.assertEq(vault.availableAt(worker), START + UNBONDING_DELAY);
    }

    function test_unbondedStakeIsWithdrawnAfterTheDelay() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.warp(START + UNBONDING_DELAY);
        vm.expectEmit(address(vault));
        emit StakeVault.Unstaked(worker, 2 * ONE);
        vm.prank(worker);
        vault.withdrawUnstaked();
        vm.assertEq(token.balanceOf(worker), 2 * ONE);
        vm.assertEq(vault.unbonding(worker), 0);
        vm.assertEq(vault.bonded(worker), 3 * ONE);
    }

    function test_oneSecondEarlierItIsNot() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.warp(START + UNBONDING_DELAY - 1);
        vm.prank(worker);
        vm.expectRevert(
            abi.encodeWithSelector(
                StakeVault.StillUnbonding.selector, worker, START + UNBONDING_DELAY
            )
        );
        vault.withdrawUnstaked();
    }

    function test_aFurtherRequestMovesTheDateOfAll() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.warp(START + 1 days);
        vm.prank(worker);
        vault.requestUnstake(ONE);
        vm.assertEq(vault.unbonding(worker), 3 * ONE);
        vm.assertEq(vault.availableAt(worker), START + 1 days + UNBONDING_DELAY);
        vm.warp(START + UNBONDING_DELAY);
        vm.prank(worker);
        vm.expectRevert(
            abi.encodeWithSelector(
                StakeVault.StillUnbonding.selector, worker, START + 1 days + UNBONDING_DELAY
            )
        );
        vault.withdrawUnstaked();
    }

    function test_nobodyUnbondsMoreThanIsBonded() public {
        staked(worker, ONE);
        vm.prank(worker);
        vm.expectRevert(
            abi.encodeWithSelector(StakeVault.NotEnoughBonded.selector, worker, ONE + 1, ONE)
        );
        vault.requestUnstake(ONE + 1);
    }

    function test_unbondingNothingIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(StakeVault.ZeroAmount.selector));
        vault.requestUnstake(0);
    }

    function test_whereNothingUnbondsNothingIsWithdrawn() public {
        staked(worker, ONE);
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.NothingUnbonding.selector, worker));
        vault.withdrawUnstaked();
    }

    function test_aSecondWithdrawalIsRefused() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.warp(START + UNBONDING_DELAY);
        vm.prank(worker);
        vault.withdrawUnstaked();
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.NothingUnbonding.selector, worker));
        vault.withdrawUnstaked();
    }

    // Slash

    function test_aSlashTakesBondedStakeFirst() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.Slashed(worker, ONE, ONE);
        settle(slash(batchOf(1), worker, ONE));
        vm.assertEq(vault.bonded(worker), 2 * ONE);
        vm.assertEq(vault.unbonding(worker), 2 * ONE);
        vm.assertEq(vault.slashed(worker), ONE);
    }

    function test_aSlashReachesUnbondingStake() public {
        unbondingStake(5 * ONE, 2 * ONE);
        settle(slash(batchOf(1), worker, 4 * ONE));
        vm.assertEq(vault.bonded(worker), 0);
        vm.assertEq(vault.unbonding(worker), ONE);
        vm.assertEq(vault.slashed(worker), 4 * ONE);
    }

    function test_slashesAreTotalsAndOnlyTheIncreaseIsTaken() public {
        staked(worker, 5 * ONE);
        settle(slash(batchOf(1), worker, ONE));
        vm.expectEmit(address(vault));
        emit StakeVault.Slashed(worker, 2 * ONE, 3 * ONE);
        settle(slash(batchOf(2), worker, 3 * ONE));
        settle(slash(batchOf(1), worker, ONE));
        settle(slash(batchOf(2), worker, 3 * ONE));
        vm.assertEq(vault.bonded(worker), 2 * ONE);
        vm.assertEq(vault.slashed(worker), 3 * ONE);
    }

    function test_aSlashAboveTheStakeTakesWhatIsThereAndSaysSo() public {
        unbondingStake(5 * ONE, 2 * ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.Slashed(worker, 5 * ONE, 5 * ONE);
        vm.expectEmit(address(vault));
        emit StakeVault.SlashShortfall(worker, 3 * ONE);
        settle(slash(batchOf(1), worker, 8 * ONE));
        vm.assertEq(vault.bonded(worker), 0);
        vm.assertEq(vault.unbonding(worker), 0);
        vm.assertEq(vault.slashed(worker), 5 * ONE);
    }

    function test_whatASlashLackedIsTakenFromLaterStake() public {
        staked(worker, ONE);
        settle(slash(batchOf(1), worker, 3 * ONE));
        staked(worker, 5 * ONE);
        settle(slash(batchOf(1), worker, 3 * ONE));
        vm.assertEq(vault.bonded(worker), 3 * ONE);
        vm.assertEq(vault.slashed(worker), 3 * ONE);
    }

    function test_anOwnerWithoutStakeBlocksNoSlash() public {
        staked(worker, ONE);
        settle(slash(slash(batchOf(1), other, ONE), worker, ONE));
        vm.assertEq(vault.slashed(other), 0);
        vm.assertEq(vault.slashed(worker), ONE);
    }

    function test_slashedStakeCannotBeWithdrawn() public {
        unbondingStake(2 * ONE, 2 * ONE);
        settle(slash(batchOf(1), worker, 2 * ONE));
        vm.warp(START + UNBONDING_DELAY);
        vm.prank(worker);
        vm.expectRevert(abi.encodeWithSelector(StakeVault.NothingUnbonding.selector, worker));
        vault.withdrawUnstaked();
    }

    // Compensation

    function test_compensationIsPaidFromTheSlashAndTheRestIsBurned() public {
        staked(worker, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.Compensated(worker, other, ONE, ONE);
        settle(compensate(slash(batchOf(1), worker, 3 * ONE), worker, other, ONE));

        vm.assertEq(settlement.withdrawable(other), ONE);
        vm.assertEq(settlement.compensatedTo(worker, other), ONE);
        vm.assertEq(vault.compensated(worker), ONE);
        vm.assertEq(vault.slashed(worker), 3 * ONE);
        vm.assertEq(token.balanceOf(address(vault)), 4 * ONE);
        vm.prank(other);
        settlement.withdraw(other);
        vm.assertEq(token.balanceOf(other), ONE);
    }

    function test_compensationIsATotalAndReplayingItPaysNothing() public {
        staked(worker, 5 * ONE);
        settle(compensate(slash(batchOf(1), worker, 3 * ONE), worker, other, ONE));
        settle(compensate(slash(batchOf(2), worker, 3 * ONE), worker, other, 2 * ONE));
        settle(compensate(slash(batchOf(1), worker, 3 * ONE), worker, other, ONE));
        settle(compensate(slash(batchOf(2), worker, 3 * ONE), worker, other, 2 * ONE));
        vm.assertEq(settlement.withdrawable(other), 2 * ONE);
    }

    function test_compensationAboveTheSlashIsClampedAndSaysSo() public {
        staked(worker, 5 * ONE);
        staked(other, 5 * ONE);
        vm.expectEmit(address(settlement));
        emit Settlement.CompensationShortfall(worker, fees, ONE);
        settle(compensate(slash(batchOf(1), worker, ONE), worker, fees, 2 * ONE));
        vm.assertEq(settlement.withdrawable(fees), ONE);
        vm.assertEq(vault.bonded(other), 5 * ONE);
    }

    function test_compensationLackedIsPaidOnceTheSlashIsThere() public {
        staked(worker, 5 * ONE);
        settle(compensate(batchOf(2), worker, other, ONE));
        vm.assertEq(settlement.withdrawable(other), 0);
        settle(slash(batchOf(1), worker, 3 * ONE));
        settle(compensate(batchOf(2), worker, other, ONE));
        vm.assertEq(settlement.withdrawable(other), ONE);
    }

    function test_oneOwnersSlashNeverPaysForAnother() public {
        staked(worker, 5 * ONE);
        settle(compensate(slash(batchOf(1), worker, 3 * ONE), other, fees, ONE));
        vm.assertEq(settlement.withdrawable(fees), 0);
    }

    // What Settlement alone may do

    function test_onlySettlementSlashesCompensatesAndReleases() public {
        bytes memory reason = abi.encodeWithSelector(Custody.NotSettlement.selector, address(this));
        vm.expectRevert(reason);
        vault.slash(worker, 1);
        vm.expectRevert(reason);
        vault.compensate(worker, 1);
        vm.expectRevert(reason);
        vault.release(1);
    }

    function unbondingStake(uint128 all, uint128 part) private {
        staked(worker, all);
        vm.prank(worker);
        vault.requestUnstake(part);
    }
}
