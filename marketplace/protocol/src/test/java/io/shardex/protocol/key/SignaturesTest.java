package io.shardex.protocol.key;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Signature;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.Sign;

class SignaturesTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "tester");
  private static final Digest DIGEST = Digest.sha256(new byte[] {1});

  @Test
  void aKeysAddressIsEthereums() {
    // The first development account of every local chain.
    byte[] secret =
        HexFormat.of().parseHex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
    assertEquals(
        Address.parse("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"),
        SigningKey.of(secret).address());
  }

  @Test
  void signaturesAreWeb3jsBitForBit() {
    for (long seed = 0; seed < 100; seed++) {
      SigningKey key = SigningKey.fromSeed(seed, "peer");
      Digest digest = Digest.sha256(new byte[] {(byte) seed});
      Credentials peer = Credentials.create(HexFormat.of().formatHex(key.secret()));
      Sign.SignatureData expected = Sign.signMessage(digest.bytes(), peer.getEcKeyPair(), false);
      Signature signature = key.sign(digest);
      assertEquals(Address.parse(peer.getAddress()), key.address());
      assertEquals(Digest.of(expected.getR()), signature.r());
      assertEquals(Digest.of(expected.getS()), signature.s());
      assertEquals(expected.getV()[0], signature.v());
      assertEquals(Optional.of(key.address()), Signatures.recover(digest, signature));
    }
  }

  @Test
  void theMalleableTwinIsRefused() {
    Signature signature = KEY.sign(DIGEST);
    BigInteger order = new BigInteger(Curve.ORDER.hex(), 16);
    BigInteger high = order.subtract(new BigInteger(signature.s().hex(), 16));
    Digest highS = Digest.parse("%064x".formatted(high));
    Signature twin = new Signature(signature.r(), highS, 55 - signature.v());
    assertEquals(Optional.empty(), Signatures.recover(DIGEST, twin));
  }

  @Test
  void onlyRecoveryBytes27And28AreRead() {
    Signature good = KEY.sign(DIGEST);
    for (int v = 0; v < 256; v++) {
      Optional<Address> signer = Signatures.recover(DIGEST, new Signature(good.r(), good.s(), v));
      assertEquals(v == good.v(), signer.equals(Optional.of(KEY.address())), "v " + v);
      assertTrue(v == 27 || v == 28 || signer.isEmpty(), "v " + v);
    }
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    Signature good = KEY.sign(DIGEST);
    Digest most = Digest.parse("f".repeat(64));
    for (Digest bad : new Digest[] {Digest.ZERO, Curve.ORDER, most}) {
      assertEquals(Optional.empty(), Signatures.recover(DIGEST, new Signature(bad, good.s(), 27)));
      assertEquals(Optional.empty(), Signatures.recover(DIGEST, new Signature(good.r(), bad, 27)));
    }
    assertEquals(Optional.empty(), Signatures.recover(DIGEST, Signatures.NONE));
  }

  @Test
  void noiseNeverThrowsAndNeverNamesTheKey() {
    for (long seed = 0; seed < 1_000; seed++) {
      byte[] noise = new byte[Signature.BYTES];
      new Random(seed).nextBytes(noise);
      noise[64] = (byte) (27 + seed % 2);
      noise[32] &= 0x3f;
      assertNotEquals(Optional.of(KEY.address()), Signatures.recover(DIGEST, Signature.of(noise)));
    }
  }

  @Test
  void secretsOutOfRangeAreNoKeys() {
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(new byte[32]));
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(new byte[31]));
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(Curve.ORDER.bytes()));
  }

  @Test
  void seedsAndRolesMakeDifferentKeysThatStayTheSame() {
    assertEquals(SigningKey.fromSeed(7, "worker-1"), SigningKey.fromSeed(7, "worker-1"));
    assertNotEquals(SigningKey.fromSeed(7, "worker-1"), SigningKey.fromSeed(7, "worker-2"));
    assertNotEquals(SigningKey.fromSeed(7, "worker-1"), SigningKey.fromSeed(8, "worker-1"));
  }
}
