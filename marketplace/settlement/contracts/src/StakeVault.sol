// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Custody} from "./Custody.sol";

/// @title The stake of the workers' owners
/// @notice Stake is bonded, then unbonding for a while, then withdrawn; until it is withdrawn
/// Settlement can slash it.
///
/// Of each owner, at any time: staked = bonded + unbonding + withdrawn + slashed, and of what is
/// slashed, the part that compensation lines have not given away is burned: it stays here, and
/// nothing but a later compensation line of the same owner can ever move it. So the order in which
/// slashes and compensations arrive makes no difference.
contract StakeVault is Custody {
    using SafeERC20 for IERC20;

    struct Account {
        uint128 bonded;
        uint128 unbonding;
        uint64 availableAt;
        uint128 slashed;
        uint128 compensated;
    }

    /// @notice Seconds between a request to unstake and the withdrawal.
    uint64 public immutable unbondingDelay;

    mapping(address owner => Account) private _accounts;

    event Staked(address indexed owner, uint128 amount, uint128 bonded);
    event UnstakeRequested(
        address indexed owner, uint128 amount, uint128 bonded, uint64 availableAt
    );
    event Unstaked(address indexed owner, uint128 amount);
    event Slashed(address indexed owner, uint128 increase, uint128 total);
    event SlashShortfall(address indexed owner, uint128 missing);

    error ZeroOwner();
    error ZeroAmount();
    error NotEnoughBonded(address owner, uint128 amount, uint128 bonded);
    error NothingUnbonding(address owner);
    error StillUnbonding(address owner, uint64 availableAt);

    constructor(IERC20 token_, address settlement_, uint64 unbondingDelay_)
        Custody(token_, settlement_)
    {
        unbondingDelay = unbondingDelay_;
    }

    /// @notice Bonds `amount` of the caller's tokens as the caller's stake.
    function stake(uint128 amount) external {
        stakeFor(msg.sender, amount);
    }

    /// @notice Bonds `amount` of the caller's tokens as the stake of `owner`, who alone can unstake.
    function stakeFor(address owner, uint128 amount) public nonReentrant {
        require(owner != address(0), ZeroOwner());
        require(amount > 0, ZeroAmount());

        _takeIn(msg.sender, amount);

        Account storage account = _accounts[owner];
        uint128 bonded_ = account.bonded + amount;
        account.bonded = bonded_;
        emit Staked(owner, amount, bonded_);
    }

    /// @notice Starts to unbond `amount`. It no longer counts as bonded, but can still be slashed.
    /// An owner has one unbonding sum with one date: a further request moves the date of all of it.
    function requestUnstake(uint128 amount) external {
        Account storage account = _accounts[msg.sender];
        uint128 bonded_ = account.bonded;
        require(amount > 0, ZeroAmount());
        require(amount <= bonded_, NotEnoughBonded(msg.sender, amount, bonded_));

        uint64 availableAt_ = SafeCast.toUint64(block.timestamp + unbondingDelay);
        account.bonded = bonded_ - amount;
        account.unbonding += amount;
        account.availableAt = availableAt_;
        emit UnstakeRequested(msg.sender, amount, bonded_ - amount, availableAt_);
    }

    /// @notice Pays the caller all that has finished unbonding.
    function withdrawUnstaked() external nonReentrant {
        Account storage account = _accounts[msg.sender];
        uint128 amount = account.unbonding;
        require(amount > 0, NothingUnbonding(msg.sender));
        require(
            block.timestamp >= account.availableAt, StillUnbonding(msg.sender, account.availableAt)
        );

        account.unbonding = 0;
        emit Unstaked(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Raises what an owner has lost to `total`, bonded stake first, then unbonding. What is
    /// not there stays owed: a later line takes it from later stake. Never reverts for Settlement.
    function slash(address owner, uint128 total) external onlySettlement {
        Account storage account = _accounts[owner];
        uint128 before = account.slashed;
        if (total <= before) return;
        uint128 wanted = total - before;
        uint128 fromBonded = _least(wanted, account.bonded);
        uint128 fromUnbonding = _least(wanted - fromBonded, account.unbonding);
        uint128 taken = fromBonded + fromUnbonding;

        if (taken > 0) {
            account.bonded -= fromBonded;
            account.unbonding -= fromUnbonding;
            account.slashed = before + taken;
            emit Slashed(owner, taken, before + taken);
        }
        if (taken < wanted) emit SlashShortfall(owner, wanted - taken);
    }

    /// @notice Takes up to `wanted` out of what was slashed from `owner` and is not yet given away.
    /// Never reverts for Settlement.
    function compensate(address owner, uint128 wanted)
        external
        onlySettlement
        returns (uint128 granted)
    {
        Account storage account = _accounts[owner];
        granted = _least(wanted, account.slashed - account.compensated);
        if (granted > 0) account.compensated += granted;
    }

    /// @notice The stake that counts.
    function bonded(address owner) external view returns (uint128) {
        return _accounts[owner].bonded;
    }

    /// @notice The stake on its way out, to be withdrawn from availableAt on.
    function unbonding(address owner) external view returns (uint128) {
        return _accounts[owner].unbonding;
    }

    /// @notice Unix seconds from which the unbonding stake can be withdrawn; zero if there never
    /// was any.
    function availableAt(address owner) external view returns (uint64) {
        return _accounts[owner].availableAt;
    }

    /// @notice Everything ever slashed from an owner.
    function slashed(address owner) external view returns (uint128) {
        return _accounts[owner].slashed;
    }

    /// @notice The part of it that was given to beneficiaries; the rest is burned.
    function compensated(address owner) external view returns (uint128) {
        return _accounts[owner].compensated;
    }

    function _least(uint128 a, uint128 b) private pure returns (uint128) {
        return a < b ? a : b;
    }
}
