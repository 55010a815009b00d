// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Custody} from "./Custody.sol";

/// @title The money of training jobs
/// @notice A builder (or anybody for them) deposits for a job; Settlement credits payees out of it;
/// once the job is closed or its refund date has come, the rest is the builder's.
///
/// Of each job, at any time: deposits = credited + refunded + left.
/// - deposit: raises deposits and left. Only before refundAt and while the job is not closed.
/// - credit (Settlement): moves from left to credited, never more than is left.
/// - close (Settlement): moves from left to refunded all but what the final total still needs.
/// - reclaim (the builder, from refundAt on): moves all that is left to refunded, also what a
///   closed job held for pay lines that nobody has brought by then.
contract JobEscrow is Custody {
    using SafeERC20 for IERC20;

    struct Job {
        address builder;
        uint64 refundAt;
        bool closed;
        uint128 credited;
        uint128 left;
        uint128 deposits;
    }

    /// @notice Least amount of every single deposit, in base units; above zero.
    uint128 public immutable minDeposit;
    /// @notice How far ahead a refund date may lie, in seconds.
    uint64 public immutable maxRefundDelay;

    mapping(bytes32 jobId => Job) private _jobs;

    event Deposited(
        bytes32 indexed jobId,
        address indexed builder,
        uint64 nonce,
        bytes32 specDigest,
        uint64 refundAt,
        uint128 amount,
        uint128 total
    );
    event Reclaimed(bytes32 indexed jobId, address indexed builder, uint128 amount);

    error ZeroMinDeposit();
    error ZeroMaxRefundDelay();
    error ZeroBuilder();
    error DepositTooSmall(uint128 amount, uint128 minDeposit);
    error RefundAtOutOfRange(uint64 refundAt, uint256 earliest, uint256 latest);
    error JobIsClosed(bytes32 jobId);
    error NotTheBuilder(bytes32 jobId, address caller);
    error TooEarlyToReclaim(bytes32 jobId, uint64 refundAt);
    error NothingToReclaim(bytes32 jobId);

    constructor(IERC20 token_, address settlement_, uint128 minDeposit_, uint64 maxRefundDelay_)
        Custody(token_, settlement_)
    {
        require(minDeposit_ > 0, ZeroMinDeposit());
        require(maxRefundDelay_ > 0, ZeroMaxRefundDelay());
        minDeposit = minDeposit_;
        maxRefundDelay = maxRefundDelay_;
    }

    /// @notice Pays `amount` of the caller's tokens into a job. The same first four arguments name
    /// the same job, so a second call tops it up. The money is the builder's, whoever paid it.
    /// @param nonce The builder's own number of the job.
    /// @param specDigest Digest of the job file: its blob id.
    /// @param refundAt Unix seconds from which the builder may take back what is left.
    /// @return id The job's id.
    function deposit(
        address builder,
        uint64 nonce,
        bytes32 specDigest,
        uint64 refundAt,
        uint128 amount
    ) external nonReentrant returns (bytes32 id) {
        require(builder != address(0), ZeroBuilder());
        require(amount >= minDeposit, DepositTooSmall(amount, minDeposit));
        uint256 latest = block.timestamp + maxRefundDelay;
        require(
            refundAt > block.timestamp && refundAt <= latest,
            RefundAtOutOfRange(refundAt, block.timestamp + 1, latest)
        );
        id = jobId(builder, nonce, specDigest, refundAt);
        Job storage job = _jobs[id];
        require(!job.closed, JobIsClosed(id));

        _takeIn(msg.sender, amount);

        uint128 total = job.deposits + amount;
        job.builder = builder;
        job.refundAt = refundAt;
        job.left += amount;
        job.deposits = total;
        emit Deposited(id, builder, nonce, specDigest, refundAt, amount, total);
    }

    /// @notice Pays the builder, who alone may ask and only from refundAt on, all that is left.
    function reclaim(bytes32 id) external nonReentrant {
        Job storage job = _jobs[id];
        require(msg.sender == job.builder, NotTheBuilder(id, msg.sender));
        require(block.timestamp >= job.refundAt, TooEarlyToReclaim(id, job.refundAt));
        uint128 amount = job.left;
        require(amount > 0, NothingToReclaim(id));

        job.left = 0;
        emit Reclaimed(id, msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Takes up to `wanted` out of what is left of a job. Never reverts for Settlement; an
    /// unknown job has nothing left.
    function credit(bytes32 id, uint128 wanted) external onlySettlement returns (uint128 granted) {
        Job storage job = _jobs[id];
        uint128 rest = job.left;
        granted = wanted < rest ? wanted : rest;
        if (granted > 0) {
            job.left = rest - granted;
            job.credited += granted;
        }
    }

    /// @notice Closes a job for good: keeps what is missing to `finalTotal`, frees the rest. Never
    /// reverts for Settlement.
    /// @return closedNow Whether this call closed it: false for an unknown job and for a closed one.
    /// @return builder Whose the refund is; zero for an unknown job.
    /// @return held What the job may cost in the end: `finalTotal`, but at least what is credited
    /// and at most that and what was left.
    /// @return refund What becomes free by this call.
    function close(bytes32 id, uint128 finalTotal)
        external
        onlySettlement
        returns (bool closedNow, address builder, uint128 held, uint128 refund)
    {
        Job storage job = _jobs[id];
        builder = job.builder;
        uint128 credited_ = job.credited;
        uint128 rest = job.left;
        if (builder == address(0) || job.closed) return (false, builder, credited_ + rest, 0);

        uint128 missing = finalTotal > credited_ ? finalTotal - credited_ : 0;
        uint128 kept = missing < rest ? missing : rest;
        job.closed = true;
        job.left = kept;
        return (true, builder, credited_ + kept, rest - kept);
    }

    /// @notice The id of a job: bound to this chain and contract, so nobody can take it first or
    /// give it another refund date. SHA-256, so that the market needs no Keccak to compute it.
    function jobId(address builder, uint64 nonce, bytes32 specDigest, uint64 refundAt)
        public
        view
        returns (bytes32)
    {
        return
            sha256(abi.encode(block.chainid, address(this), builder, nonce, specDigest, refundAt));
    }

    /// @notice Everything that was ever paid into a job.
    function deposits(bytes32 id) external view returns (uint128) {
        return _jobs[id].deposits;
    }

    /// @notice Everything that was ever credited to payees out of a job.
    function credited(bytes32 id) external view returns (uint128) {
        return _jobs[id].credited;
    }

    /// @notice Everything that ever went back to a job's builder, by close or reclaim.
    function refunded(bytes32 id) external view returns (uint128) {
        Job storage job = _jobs[id];
        return job.deposits - job.credited - job.left;
    }

    /// @notice What pay lines, or the builder from refundAt on, can still take.
    function left(bytes32 id) external view returns (uint128) {
        return _jobs[id].left;
    }

    function closed(bytes32 id) external view returns (bool) {
        return _jobs[id].closed;
    }

    /// @notice A job's builder; zero for an unknown job.
    function builderOf(bytes32 id) external view returns (address) {
        return _jobs[id].builder;
    }
}
