package io.shardex.market;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A recoverable secp256k1 signature. Who made it is for {@code protocol} to say, not for the core.
 */
public record Signature(Digest r, Digest s, int v) {
  public static final int BYTES = 65;

  public Signature {
    if (v < 0 || v > 255) {
      throw new IllegalArgumentException("the recovery byte must lie in 0..255: " + v);
    }
  }

  /** Reads r, s, v; throws {@link IllegalArgumentException} unless there are exactly 65 bytes. */
  public static Signature of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a signature has 65 bytes, not " + bytes.length);
    }
    return new Signature(
        Digest.of(Arrays.copyOfRange(bytes, 0, 32)),
        Digest.of(Arrays.copyOfRange(bytes, 32, 64)),
        bytes[64] & 0xff);
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).put(r.bytes()).put(s.bytes()).put((byte) v).array();
  }
}
