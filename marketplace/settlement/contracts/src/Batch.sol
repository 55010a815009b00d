// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The total a payee has earned with a job since the job began. Fees are a payee.
struct PayLine {
    bytes32 jobId;
    address payee;
    uint128 total;
}

/// @notice The sum over all payees of a job, for good: what is above it goes back to the builder.
struct CloseLine {
    bytes32 jobId;
    uint128 finalTotal;
}

/// @notice The total an owner of stake has lost since the beginning.
struct SlashLine {
    address owner;
    uint128 total;
}

/// @notice The total a beneficiary has been promised out of an owner's slashed stake.
struct CompensationLine {
    address owner;
    address beneficiary;
    uint128 total;
}

/// @notice What the market owes, as running totals: a later batch supersedes an earlier one.
/// @dev Amounts are base units of the token (6 decimals).
struct Batch {
    uint64 id;
    /// The place in the market's log that the totals are of, and the state's hash there.
    uint64 logIndex;
    bytes32 stateHash;
    /// Head and sum of the hash chain over the shard receipts: evidence for readers,
    /// not used by the contract.
    bytes32 receiptsRoot;
    uint128 receiptsSum;
    PayLine[] pays;
    CloseLine[] closes;
    SlashLine[] slashes;
    CompensationLine[] compensations;
}

/// @notice One validator's logged vote for a batch, as it stands in the market's log.
/// @dev Nonce and expiry belong to the log and are checked there; here they are only signed data.
struct Attestation {
    uint32 view_;
    uint64 nonce;
    uint64 expiry;
    /// 65 bytes r, s, v with a low s and v 27 or 28.
    bytes signature;
}
