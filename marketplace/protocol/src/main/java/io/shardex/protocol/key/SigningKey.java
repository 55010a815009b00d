package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Signature;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * A secp256k1 secret key and the address it signs for. Signing is deterministic (RFC 6979) and
 * thread-safe. The secret never appears in {@link #toString}.
 */
public final class SigningKey {
  /** Length of a secret in bytes. */
  public static final int BYTES = 32;

  private final byte[] secret;
  private final Address address;

  private SigningKey(byte[] secret) {
    this.secret = secret;
    this.address = Curve.address(secret);
  }

  /**
   * The key of a secret; the array is copied.
   *
   * @throws IllegalArgumentException unless it is 32 bytes, big-endian, in 1..n-1
   */
  public static SigningKey of(byte[] secret) {
    if (secret.length != BYTES || !Curve.inRange(Digest.of(secret))) {
      throw new IllegalArgumentException("a secret key is a 32-byte number in 1..n-1");
    }
    return new SigningKey(secret.clone());
  }

  /** A new key out of this source of chance. */
  public static SigningKey random(SecureRandom chance) {
    byte[] secret = new byte[BYTES];
    do {
      chance.nextBytes(secret);
    } while (!Curve.inRange(Digest.of(secret)));
    return new SigningKey(secret);
  }

  /**
   * The same key for the same seed and role, for demos and tests only: whoever guesses the seed
   * holds the key. The secret is SHA-256 of {@code shardex.dev-key/1}, the seed (8 bytes,
   * big-endian), the role in UTF-8 and a counter that starts at 0 and grows until the hash is a
   * key.
   */
  public static SigningKey fromSeed(long seed, String role) {
    byte[] tag = "shardex.dev-key/1".getBytes(StandardCharsets.US_ASCII);
    byte[] seedBytes = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
    byte[] roleBytes = role.getBytes(StandardCharsets.UTF_8);
    for (byte counter = 0; ; counter++) {
      Digest candidate = Digest.sha256(tag, seedBytes, roleBytes, new byte[] {counter});
      if (Curve.inRange(candidate)) {
        return new SigningKey(candidate.bytes());
      }
    }
  }

  public Address address() {
    return address;
  }

  /** Signs a 32-byte hash: low s, v 27 or 28. */
  public Signature sign(Digest digest) {
    byte[] rs = Curve.sign(digest.bytes(), secret);
    Digest r = Digest.of(Arrays.copyOfRange(rs, 0, Digest.BYTES));
    Digest s = Digest.of(Arrays.copyOfRange(rs, Digest.BYTES, rs.length));
    for (int v = Signatures.FIRST_V; v <= Signatures.FIRST_V + 1; v++) {
      Signature signature = new Signature(r, s, v);
      if (Signatures.recover(digest, signature).filter(address::equals).isPresent()) {
        return signature;
      }
    }
    // The other two recovery ids need an r between the order and the field's size: one in 2^127.
    throw new AssertionError("no recovery byte fits the signature of " + digest);
  }

  /** A copy of the secret, for a key file. */
  byte[] secret() {
    return secret.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SigningKey that && address.equals(that.address);
  }

  @Override
  public int hashCode() {
    return address.hashCode();
  }

  @Override
  public String toString() {
    return "key of " + address;
  }
}
