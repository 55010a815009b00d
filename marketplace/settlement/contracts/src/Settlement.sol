// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Attestation, Batch, CloseLine, CompensationLine, PayLine, SlashLine} from "./Batch.sol";
import {WrongAmountReceived} from "./Custody.sol";
import {JobEscrow} from "./JobEscrow.sol";
import {StakeVault} from "./StakeVault.sol";
import {ValidatorSet} from "./ValidatorSet.sol";

/// @title Where the market's decisions become money
/// @notice Anybody may bring a batch that k of n validators have signed. Its lines are totals since
/// the beginning, and only what a total exceeds the booked one by is moved. So a batch can be
/// brought twice, late or out of order: an old one (by id or by content) changes nothing that a
/// newer one has settled, and ids need not grow. A line that asks for more than is there gets what
/// is there and a shortfall event; it never stops another line.
///
/// The tokens of jobs lie in JobEscrow, those of stakes in StakeVault, both made by this contract's
/// constructor for it alone. What a batch credits moves here, in one transfer from each, and waits
/// for its owner to withdraw it.
contract Settlement is ValidatorSet, ReentrancyGuardTransient {
    using SafeERC20 for IERC20Metadata;

    IERC20Metadata public immutable token;
    JobEscrow public immutable escrow;
    StakeVault public immutable vault;

    /// @notice What a payee has been credited out of a job so far.
    mapping(bytes32 jobId => mapping(address payee => uint128)) public creditedTo;
    /// @notice What a beneficiary has been credited out of an owner's slashed stake so far.
    mapping(address owner => mapping(address beneficiary => uint128)) public compensatedTo;
    /// @notice What an account can withdraw: pay, refunds and compensation together.
    mapping(address account => uint256) public withdrawable;

    event Settled(uint64 indexed id, uint64 logIndex, bytes32 stateHash, bytes32 batchDigest);
    event Credited(bytes32 indexed jobId, address indexed payee, uint128 increase, uint128 total);
    /// A pay line's total, or with payee zero a close line's, is above what the job has.
    event Shortfall(bytes32 indexed jobId, address indexed payee, uint128 missing);
    event Closed(bytes32 indexed jobId, uint128 finalTotal, uint128 refunded);
    event Compensated(
        address indexed owner, address indexed beneficiary, uint128 increase, uint128 total
    );
    event CompensationShortfall(
        address indexed owner, address indexed beneficiary, uint128 missing
    );
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    error WrongDecimals(address token, uint8 decimals);
    error NothingToWithdraw(address account);
    error ZeroRecipient();

    /// @param token_ An ERC-20 with 6 decimals that takes no fee on transfers.
    /// @param validators_ n distinct addresses, at most MAX_VALIDATORS.
    /// @param k How many of them make a batch true: more than half.
    /// @param minDeposit Least amount of a deposit into a job, in base units.
    /// @param maxRefundDelay How far ahead a job's refund date may lie, in seconds.
    /// @param unbondingDelay How long unstaking takes, in seconds.
    constructor(
        IERC20Metadata token_,
        address[] memory validators_,
        uint256 k,
        uint128 minDeposit,
        uint64 maxRefundDelay,
        uint64 unbondingDelay
    ) ValidatorSet(validators_, k) {
        uint8 decimals = token_.decimals();
        require(decimals == 6, WrongDecimals(address(token_), decimals));
        token = token_;
        escrow = new JobEscrow(token_, address(this), minDeposit, maxRefundDelay);
        vault = new StakeVault(token_, address(this), unbondingDelay);
    }

    /// @notice Books a batch that k validators have signed.
    /// @param attestations At least k, each good and of another validator.
    function settle(Batch calldata batch, Attestation[] calldata attestations)
        external
        nonReentrant
    {
        bytes32 digest = digestOf(batch);
        _requireQuorum(batch.id, digest, attestations);
        emit Settled(batch.id, batch.logIndex, batch.stateHash, digest);

        // One statement each: Solidity leaves the order within an expression open.
        uint256 fromEscrow = _pay(batch.pays);
        fromEscrow += _close(batch.closes);
        _slash(batch.slashes);
        uint256 fromVault = _compensate(batch.compensations);
        _collect(fromEscrow, fromVault);
    }

    /// @notice Pays the caller's whole balance to `to`.
    function withdraw(address to) external nonReentrant {
        uint256 amount = withdrawable[msg.sender];
        require(to != address(0), ZeroRecipient());
        require(amount > 0, NothingToWithdraw(msg.sender));

        withdrawable[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice SHA-256 of the batch's ABI encoding as one argument: what the validators attest.
    function digestOf(Batch calldata batch) public pure returns (bytes32) {
        return sha256(abi.encode(batch));
    }

    function _pay(PayLine[] calldata lines) private returns (uint256 moved) {
        for (uint256 i = 0; i < lines.length; i++) {
            PayLine calldata line = lines[i];
            mapping(address => uint128) storage ofJob = creditedTo[line.jobId];
            uint128 before = ofJob[line.payee];
            if (line.total <= before) continue;
            uint128 wanted = line.total - before;
            uint128 granted = escrow.credit(line.jobId, wanted);
            if (granted > 0) {
                ofJob[line.payee] = before + granted;
                withdrawable[line.payee] += granted;
                moved += granted;
                emit Credited(line.jobId, line.payee, granted, before + granted);
            }
            if (granted < wanted) emit Shortfall(line.jobId, line.payee, wanted - granted);
        }
    }

    /// @dev After the pay lines: what they have credited is part of the final total.
    function _close(CloseLine[] calldata lines) private returns (uint256 moved) {
        for (uint256 i = 0; i < lines.length; i++) {
            bytes32 jobId = lines[i].jobId;
            uint128 wanted = lines[i].finalTotal;
            (bool closedNow, address builder, uint128 held, uint128 refund) =
                escrow.close(jobId, wanted);
            if (closedNow) {
                withdrawable[builder] += refund;
                moved += refund;
                emit Closed(jobId, held, refund);
            }
            if (held < wanted) emit Shortfall(jobId, address(0), wanted - held);
        }
    }

    function _slash(SlashLine[] calldata lines) private {
        for (uint256 i = 0; i < lines.length; i++) {
            vault.slash(lines[i].owner, lines[i].total);
        }
    }

    /// @dev After the slash lines, which it is paid from.
    function _compensate(CompensationLine[] calldata lines) private returns (uint256 moved) {
        for (uint256 i = 0; i < lines.length; i++) {
            CompensationLine calldata line = lines[i];
            mapping(address => uint128) storage ofOwner = compensatedTo[line.owner];
            uint128 before = ofOwner[line.beneficiary];
            if (line.total <= before) continue;
            uint128 wanted = line.total - before;
            uint128 granted = vault.compensate(line.owner, wanted);
            if (granted > 0) {
                ofOwner[line.beneficiary] = before + granted;
                withdrawable[line.beneficiary] += granted;
                moved += granted;
                emit Compensated(line.owner, line.beneficiary, granted, before + granted);
            }
            if (granted < wanted) {
                emit CompensationShortfall(line.owner, line.beneficiary, wanted - granted);
            }
        }
    }

    /// @dev Brings here what the lines have credited.
    function _collect(uint256 fromEscrow, uint256 fromVault) private {
        uint256 before = token.balanceOf(address(this));
        if (fromEscrow > 0) escrow.release(fromEscrow);
        if (fromVault > 0) vault.release(fromVault);
        uint256 received = token.balanceOf(address(this)) - before;
        require(
            received == fromEscrow + fromVault,
            WrongAmountReceived(fromEscrow + fromVault, received)
        );
    }
}
