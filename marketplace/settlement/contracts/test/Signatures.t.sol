// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Attestation, Batch} from "../src/Batch.sol";
import {Settlement} from "../src/Settlement.sol";
import {ValidatorSet} from "../src/ValidatorSet.sol";
import {Scene} from "./Scene.sol";

contract SignaturesTest is Scene {
    uint256 private constant CURVE_ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    bytes32 private id;

    function setUp() public {
        open();
        id = job(1, 5 * ONE);
    }

    // The quorum

    function test_twoOfThreeSettleInWhateverViewTheyVoted() public {
        Batch memory b = good();
        settlement.settle(b, pair(attest(KEY_1, b, 4), attest(KEY_2, b, 0)));
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_allThreeSettle() public {
        Batch memory b = good();
        Attestation[] memory all = new Attestation[](3);
        all[0] = attest(KEY_0, b, 0);
        all[1] = attest(KEY_1, b, 0);
        all[2] = attest(KEY_2, b, 0);
        settlement.settle(b, all);
        vm.assertEq(settlement.withdrawable(worker), ONE);
    }

    function test_oneSignatureTooFewSettlesNothing() public {
        Batch memory b = good();
        Attestation[] memory one = new Attestation[](1);
        one[0] = attest(KEY_0, b, 0);
        refused(b, one, abi.encodeWithSelector(ValidatorSet.NotEnoughAttestations.selector, 1, 2));
    }

    function test_noSignatureSettlesNothing() public {
        Attestation[] memory none = new Attestation[](0);
        refused(
            good(), none, abi.encodeWithSelector(ValidatorSet.NotEnoughAttestations.selector, 0, 2)
        );
    }

    function test_oneValidatorTwiceIsRefused() public {
        Batch memory b = good();
        refused(
            b,
            pair(attest(KEY_0, b, 0), attest(KEY_0, b, 0)),
            abi.encodeWithSelector(ValidatorSet.DuplicateSigner.selector, 1, vm.addr(KEY_0))
        );
    }

    function test_oneValidatorInTwoViewsIsRefused() public {
        Batch memory b = good();
        refused(
            b,
            pair(attest(KEY_0, b, 0), attest(KEY_0, b, 1)),
            abi.encodeWithSelector(ValidatorSet.DuplicateSigner.selector, 1, vm.addr(KEY_0))
        );
    }

    function test_aStrangersSignatureIsRefused() public {
        Batch memory b = good();
        refused(
            b,
            pair(attest(KEY_0, b, 0), attest(STRANGER_KEY, b, 0)),
            abi.encodeWithSelector(ValidatorSet.NotAValidator.selector, 1, vm.addr(STRANGER_KEY))
        );
    }

    function test_aStrangerBesideAQuorumIsRefusedToo() public {
        Batch memory b = good();
        Attestation[] memory all = new Attestation[](3);
        all[0] = attest(KEY_0, b, 0);
        all[1] = attest(KEY_1, b, 0);
        all[2] = attest(STRANGER_KEY, b, 0);
        refused(
            b,
            all,
            abi.encodeWithSelector(ValidatorSet.NotAValidator.selector, 2, vm.addr(STRANGER_KEY))
        );
    }

    // The signature's form

    function test_aHighSIsRefused() public {
        Batch memory b = good();
        bytes32 hash = signedHash(block.chainid, address(settlement), b, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_1, hash);
        bytes32 mirrored = bytes32(CURVE_ORDER - uint256(s));
        bytes memory signature = abi.encodePacked(r, mirrored, v == 27 ? uint8(28) : uint8(27));
        refusedAs(b, signature, ECDSA.RecoverError.InvalidSignatureS);
    }

    function test_vOfZeroAndOneIsRefused() public {
        Batch memory b = good();
        bytes32 hash = signedHash(block.chainid, address(settlement), b, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_1, hash);
        refusedAs(b, abi.encodePacked(r, s, v - 27), ECDSA.RecoverError.InvalidSignature);
        refusedAs(b, abi.encodePacked(r, s, uint8(29)), ECDSA.RecoverError.InvalidSignature);
    }

    function test_aSignatureOfAnotherLengthIsRefused() public {
        Batch memory b = good();
        bytes32 hash = signedHash(block.chainid, address(settlement), b, 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY_1, hash);
        bytes32 compact = v == 27 ? s : s | bytes32(uint256(1) << 255);
        ECDSA.RecoverError length = ECDSA.RecoverError.InvalidSignatureLength;
        refusedAs(b, "", length);
        refusedAs(b, abi.encodePacked(r, compact), length);
        refusedAs(b, abi.encodePacked(r, s, v, uint8(0)), length);
    }

    function test_anEmptySignatureOfTheRightLengthIsRefused() public {
        refusedAs(good(), new bytes(65), ECDSA.RecoverError.InvalidSignature);
    }

    // What is signed

    function test_signaturesForAnotherChainAreRefused() public {
        Batch memory b = good();
        foreign(b, signedHash(block.chainid + 1, address(settlement), b, 0));
    }

    function test_afterAForkOfTheChainOldSignaturesAreRefused() public {
        Batch memory b = good();
        bytes32 before = signedHash(block.chainid, address(settlement), b, 0);
        vm.chainId(block.chainid + 1);
        foreign(b, before);
    }

    function test_signaturesForAnotherContractAreRefused() public {
        Batch memory b = good();
        Settlement twin = network(IERC20Metadata(address(token)));
        foreign(b, signedHash(block.chainid, address(twin), b, 0));
    }

    function test_signaturesForAnotherContentAreRefused() public {
        Batch memory b = good();
        Batch memory richer = pay(good(), id, other, ONE);
        foreign(richer, signedHash(block.chainid, address(settlement), b, 0));
    }

    function test_signaturesForAnotherBatchIdAreRefused() public {
        Batch memory b = good();
        bytes32 hash = signedHash(block.chainid, address(settlement), b, 0);
        b.id = 2;
        foreign(b, hash);
    }

    function test_viewNonceAndExpiryAreSigned() public {
        Batch memory b = good();
        for (uint256 i = 0; i < 3; i++) {
            Attestation[] memory changed = quorum(b);
            if (i == 0) changed[0].view_++;
            if (i == 1) changed[0].nonce++;
            if (i == 2) changed[0].expiry++;
            refusedAsForeign(b, changed);
        }
    }

    function test_anotherFactIsNotABatch() public {
        Batch memory b = good();
        bytes32 vote = keccak256(
            abi.encode(
                keccak256(
                    "Attest(uint8 fact,bytes32 subject,uint32 view,bytes32 digest,uint64 nonce,uint64 expiry)"
                ),
                uint8(4),
                bytes32(uint256(b.id)),
                uint32(0),
                sha256(abi.encode(b)),
                uint64(7),
                uint64(9)
            )
        );
        (, string memory name, string memory version, uint256 chainId, address home,,) =
            settlement.eip712Domain();
        vm.assertEq(name, "Shardex");
        vm.assertEq(version, "1");
        vm.assertEq(home, address(settlement));
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                home
            )
        );
        foreign(b, keccak256(abi.encodePacked(hex"1901", domain, vote)));
    }

    // The set

    function test_theSetIsReadable() public view {
        address[] memory set = settlement.validators();
        vm.assertEq(set.length, 3);
        for (uint256 i = 0; i < 3; i++) {
            vm.assertEq(set[i], three()[i]);
        }
        vm.assertEq(settlement.threshold(), 2);
        vm.assertEq(settlement.FACT_BATCH(), 5);
    }

    function test_aThresholdOfHalfOrLessIsRefused() public {
        badThreshold(2, 4);
        badThreshold(1, 2);
        badThreshold(1, 3);
        badThreshold(0, 3);
    }

    function test_aThresholdAboveAllIsRefused() public {
        badThreshold(4, 3);
    }

    function test_aNetworkWithoutValidatorsIsRefused() public {
        badThreshold(0, 0);
        badThreshold(1, 0);
    }

    function test_theSmallestMajorityIsEnough() public {
        vm.assertEq(made(many(1), 1).threshold(), 1);
        vm.assertEq(made(many(4), 3).threshold(), 3);
        vm.assertEq(made(many(5), 3).threshold(), 3);
    }

    function test_atMostSixtyFourValidators() public {
        address[] memory most = many(64);
        vm.assertEq(made(most, 33).validators().length, 64);
        address[] memory tooMany = many(65);
        vm.expectRevert(abi.encodeWithSelector(ValidatorSet.TooManyValidators.selector, 65, 64));
        made(tooMany, 33);
    }

    function test_theLastOfSixtyFourCounts() public {
        settlement = made(many(64), 33);
        Batch memory b = batchOf(1);
        Attestation[] memory last = new Attestation[](33);
        for (uint256 i = 0; i < 33; i++) {
            last[i] = attest(64 - i, b, 0);
        }
        settlement.settle(b, last);
        last[32] = attest(64, b, 0);
        refused(
            b, last, abi.encodeWithSelector(ValidatorSet.DuplicateSigner.selector, 32, vm.addr(64))
        );
    }

    function test_aZeroValidatorIsRefused() public {
        address[] memory set = three();
        set[1] = address(0);
        vm.expectRevert(abi.encodeWithSelector(ValidatorSet.ZeroValidator.selector, 1));
        made(set, 2);
    }

    function test_aValidatorTwiceIsRefused() public {
        address[] memory set = three();
        set[2] = set[0];
        vm.expectRevert(abi.encodeWithSelector(ValidatorSet.DuplicateValidator.selector, 2, set[0]));
        made(set, 2);
    }

    // Words

    function good() private view returns (Batch memory) {
        return pay(batchOf(1), id, worker, ONE);
    }

    function refused(Batch memory b, Attestation[] memory by, bytes memory reason) private {
        vm.expectRevert(reason);
        settlement.settle(b, by);
        vm.assertEq(settlement.withdrawable(worker), 0);
    }

    function refusedAs(Batch memory b, bytes memory signature, ECDSA.RecoverError reason) private {
        refused(
            b,
            pair(attest(KEY_0, b, 0), attested(0, signature)),
            abi.encodeWithSelector(ValidatorSet.BadSignature.selector, 1, reason)
        );
    }

    /// Two validators' good signatures of `hash` are, for this batch, those of nobody known.
    function foreign(Batch memory b, bytes32 hash) private {
        refusedAsForeign(
            b, pair(attested(0, signed(KEY_0, hash)), attested(0, signed(KEY_1, hash)))
        );
    }

    function refusedAsForeign(Batch memory b, Attestation[] memory by) private {
        try settlement.settle(b, by) {
            vm.assertTrue(false);
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(ValidatorSet.NotAValidator.selector));
        }
    }

    function badThreshold(uint256 k, uint256 n) private {
        address[] memory set = many(n);
        vm.expectRevert(abi.encodeWithSelector(ValidatorSet.BadThreshold.selector, k, n));
        made(set, k);
    }

    /// The addresses of the keys 1 to n.
    function many(uint256 n) private pure returns (address[] memory set) {
        set = new address[](n);
        for (uint256 i = 0; i < n; i++) {
            set[i] = vm.addr(i + 1);
        }
    }

    function made(address[] memory set, uint256 k) private returns (Settlement) {
        return new Settlement(
            IERC20Metadata(address(token)), set, k, MIN_DEPOSIT, MAX_REFUND_DELAY, UNBONDING_DELAY
        );
    }
}
