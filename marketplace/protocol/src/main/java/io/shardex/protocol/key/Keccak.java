package io.shardex.protocol.key;

import io.shardex.market.Digest;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.digests.KeccakDigest;

/**
 * Keccak-256, the hash of Ethereum's addresses, typed data and keystores (not the later SHA3-256).
 */
final class Keccak {
  private Keccak() {}

  /** The hash of the parts, one after the other. */
  static byte[] hash(byte[]... parts) {
    KeccakDigest keccak = new KeccakDigest(256);
    for (byte[] part : parts) {
      keccak.update(part, 0, part.length);
    }
    byte[] hash = new byte[Digest.BYTES];
    keccak.doFinal(hash, 0);
    return hash;
  }

  static byte[] hash(String text) {
    return hash(text.getBytes(StandardCharsets.UTF_8));
  }
}
