// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {
    Attestation,
    Batch,
    CloseLine,
    CompensationLine,
    PayLine,
    SlashLine
} from "../src/Batch.sol";
import {DevToken} from "../src/DevToken.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {Settlement} from "../src/Settlement.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Vm} from "./Vm.sol";

/// @notice A network with three validators of which two decide, a builder and some payees, and the
/// words to write a batch with. It derives the signed hash by itself, by EIP-712.
abstract contract Scene {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint128 internal constant ONE = 1e6;
    uint128 internal constant MIN_DEPOSIT = 10_000;
    uint64 internal constant MAX_REFUND_DELAY = 30 days;
    uint64 internal constant UNBONDING_DELAY = 7 days;
    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant REFUND_AT = START + 1 days;
    bytes32 internal constant SPEC = keccak256("a job file");

    uint256 internal constant KEY_0 = 0xA11CE;
    uint256 internal constant KEY_1 = 0xB0B;
    uint256 internal constant KEY_2 = 0xCAFE;
    uint256 internal constant STRANGER_KEY = 0xDEAD;

    address internal immutable builder = vm.addr(101);
    address internal immutable worker = vm.addr(102);
    address internal immutable other = vm.addr(103);
    address internal immutable fees = vm.addr(104);

    DevToken internal token;
    Settlement internal settlement;
    JobEscrow internal escrow;
    StakeVault internal vault;

    /// Not public: an invariant's fuzzer would call it.
    function open() internal {
        vm.warp(START);
        token = new DevToken();
        settlement = network(IERC20Metadata(address(token)));
        escrow = settlement.escrow();
        vault = settlement.vault();
    }

    function network(IERC20Metadata token_) internal returns (Settlement) {
        return new Settlement(token_, three(), 2, MIN_DEPOSIT, MAX_REFUND_DELAY, UNBONDING_DELAY);
    }

    function three() internal pure returns (address[] memory validators) {
        validators = new address[](3);
        validators[0] = vm.addr(KEY_0);
        validators[1] = vm.addr(KEY_1);
        validators[2] = vm.addr(KEY_2);
    }

    // Money

    function give(address who, address spender, uint256 amount) internal {
        token.mint(who, amount);
        vm.prank(who);
        token.approve(spender, type(uint256).max);
    }

    /// A job of the builder with this number and this much money.
    function job(uint64 nonce, uint128 amount) internal returns (bytes32) {
        give(builder, address(escrow), amount);
        vm.prank(builder);
        return escrow.deposit(builder, nonce, SPEC, REFUND_AT, amount);
    }

    function staked(address owner, uint128 amount) internal {
        give(owner, address(vault), amount);
        vm.prank(owner);
        vault.stake(amount);
    }

    // Batches

    function batchOf(uint64 id) internal pure returns (Batch memory batch) {
        batch.id = id;
        batch.logIndex = 100 * id;
        batch.stateHash = keccak256(abi.encode("state", id));
        batch.receiptsRoot = keccak256(abi.encode("receipts", id));
    }

    function pay(Batch memory batch, bytes32 jobId, address payee, uint128 total)
        internal
        pure
        returns (Batch memory)
    {
        PayLine[] memory lines = new PayLine[](batch.pays.length + 1);
        for (uint256 i = 0; i < batch.pays.length; i++) {
            lines[i] = batch.pays[i];
        }
        lines[batch.pays.length] = PayLine(jobId, payee, total);
        batch.pays = lines;
        return batch;
    }

    function close(Batch memory batch, bytes32 jobId, uint128 finalTotal)
        internal
        pure
        returns (Batch memory)
    {
        CloseLine[] memory lines = new CloseLine[](batch.closes.length + 1);
        for (uint256 i = 0; i < batch.closes.length; i++) {
            lines[i] = batch.closes[i];
        }
        lines[batch.closes.length] = CloseLine(jobId, finalTotal);
        batch.closes = lines;
        return batch;
    }

    function slash(Batch memory batch, address owner, uint128 total)
        internal
        pure
        returns (Batch memory)
    {
        SlashLine[] memory lines = new SlashLine[](batch.slashes.length + 1);
        for (uint256 i = 0; i < batch.slashes.length; i++) {
            lines[i] = batch.slashes[i];
        }
        lines[batch.slashes.length] = SlashLine(owner, total);
        batch.slashes = lines;
        return batch;
    }

    function compensate(Batch memory batch, address owner, address beneficiary, uint128 total)
        internal
        pure
        returns (Batch memory)
    {
        uint256 n = batch.compensations.length;
        CompensationLine[] memory lines = new CompensationLine[](n + 1);
        for (uint256 i = 0; i < n; i++) {
            lines[i] = batch.compensations[i];
        }
        lines[n] = CompensationLine(owner, beneficiary, total);
        batch.compensations = lines;
        return batch;
    }

    // Signatures

    /// What a validator signs, for a batch of the given chain and contract.
    function signedHash(
        uint256 chainId,
        address verifyingContract,
        Batch memory batch,
        uint32 view_
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Shardex"),
                keccak256("1"),
                chainId,
                verifyingContract
            )
        );
        bytes32 vote = keccak256(
            abi.encode(
                keccak256(
                    "Attest(uint8 fact,bytes32 subject,uint32 view,bytes32 digest,uint64 nonce,uint64 expiry)"
                ),
                uint8(5),
                bytes32(uint256(batch.id)),
                view_,
                sha256(abi.encode(batch)),
                uint64(view_) + 7,
                uint64(view_) + 9
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, vote));
    }

    function attested(uint32 view_, bytes memory signature)
        internal
        pure
        returns (Attestation memory)
    {
        return Attestation(view_, uint64(view_) + 7, uint64(view_) + 9, signature);
    }

    function signed(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    function attest(uint256 key, Batch memory batch, uint32 view_)
        internal
        view
        returns (Attestation memory)
    {
        bytes32 hash = signedHash(block.chainid, address(settlement), batch, view_);
        return attested(view_, signed(key, hash));
    }

    /// Two of the three validators, who voted in different views.
    function quorum(Batch memory batch) internal view returns (Attestation[] memory) {
        return pair(attest(KEY_2, batch, 0), attest(KEY_0, batch, 1));
    }

    function pair(Attestation memory a, Attestation memory b)
        internal
        pure
        returns (Attestation[] memory both)
    {
        both = new Attestation[](2);
        both[0] = a;
        both[1] = b;
    }

    function settle(Batch memory batch) internal {
        settlement.settle(batch, quorum(batch));
    }
}
