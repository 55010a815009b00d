// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Attestation} from "./Batch.sol";

/// @title The validators, and what it takes for them to have said something
/// @notice A batch is true when k distinct validators of n have signed its digest (EIP-712, domain
/// "Shardex" version "1"). These signatures are the attestations of the market's log, so each may
/// come from another view.
abstract contract ValidatorSet is EIP712 {
    bytes32 private constant ATTEST_TYPEHASH = keccak256(
        "Attest(uint8 fact,bytes32 subject,uint32 view,bytes32 digest,uint64 nonce,uint64 expiry)"
    );

    /// @notice The number of the fact "batch" in the market's list of facts.
    uint8 public constant FACT_BATCH = 5;
    /// @notice Most validators of one network.
    uint256 public constant MAX_VALIDATORS = 64;

    /// @notice k: how many distinct validators must sign; more than half.
    uint256 public immutable threshold;

    address[] private _validators;
    /// Place in `_validators`, counted from 1.
    mapping(address validator => uint256) private _places;

    error TooManyValidators(uint256 given, uint256 max);
    error BadThreshold(uint256 k, uint256 n);
    error ZeroValidator(uint256 index);
    error DuplicateValidator(uint256 index, address validator);
    error NotEnoughAttestations(uint256 given, uint256 threshold);
    error BadSignature(uint256 index, ECDSA.RecoverError reason);
    error NotAValidator(uint256 index, address signer);
    error DuplicateSigner(uint256 index, address signer);

    constructor(address[] memory validators_, uint256 k) EIP712("Shardex", "1") {
        uint256 n = validators_.length;
        require(n <= MAX_VALIDATORS, TooManyValidators(n, MAX_VALIDATORS));
        require(k <= n && k > n / 2, BadThreshold(k, n));
        for (uint256 i = 0; i < n; i++) {
            address validator = validators_[i];
            require(validator != address(0), ZeroValidator(i));
            require(_places[validator] == 0, DuplicateValidator(i, validator));
            _places[validator] = i + 1;
        }
        threshold = k;
        _validators = validators_;
    }

    function validators() external view returns (address[] memory) {
        return _validators;
    }

    /// @dev Every given attestation must be good and of another validator, and there must be k.
    function _requireQuorum(uint64 batchId, bytes32 digest, Attestation[] calldata attestations)
        internal
        view
    {
        uint256 given = attestations.length;
        require(given >= threshold, NotEnoughAttestations(given, threshold));
        uint256 seen = 0;
        for (uint256 i = 0; i < given; i++) {
            address signer = _signer(i, batchId, digest, attestations[i]);
            uint256 place = _places[signer];
            require(place > 0, NotAValidator(i, signer));
            require(seen & (1 << place) == 0, DuplicateSigner(i, signer));
            seen |= 1 << place;
        }
    }

    function _signer(
        uint256 index,
        uint64 batchId,
        bytes32 digest,
        Attestation calldata attestation
    ) private view returns (address) {
        bytes32 structHash = keccak256(
            abi.encode(
                ATTEST_TYPEHASH,
                FACT_BATCH,
                bytes32(uint256(batchId)),
                attestation.view_,
                digest,
                attestation.nonce,
                attestation.expiry
            )
        );
        (address signer, ECDSA.RecoverError reason,) =
            ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), attestation.signature);
        require(reason == ECDSA.RecoverError.NoError, BadSignature(index, reason));
        return signer;
    }
}
