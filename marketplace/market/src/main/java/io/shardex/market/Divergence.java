package io.shardex.market;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a training run shows that left the finite numbers. */
public final class Divergence {
  private static final byte[] TAG = "shardex.diverged/1".getBytes(StandardCharsets.US_ASCII);

  private Divergence() {}

  /** SHA-256 of the tag {@code shardex.diverged/1} and the step, 8 bytes little-endian. */
  public static Digest shown(int step) {
    byte[] number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(step).array();
    return Digest.sha256(TAG, number);
  }
}
