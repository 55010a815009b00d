package io.shardex.market;

import java.nio.charset.StandardCharsets;

/**
 * What a shard is executed from. A worker is told it by a gateway, which may lie, and says in its
 * commitment what it used: the market refuses one that was made from something else, so that nobody
 * is blamed for a gateway's lie.
 */
public final class Inputs {
  private static final byte[] TAG = "shardex.inputs/1".getBytes(StandardCharsets.US_ASCII);

  private Inputs() {}

  /** SHA-256 of the tag and the blob ids of job file, data description and base model. */
  public static Digest of(Digest spec, Digest data, Digest base) {
    return Digest.sha256(TAG, spec.bytes(), data.bytes(), base.bytes());
  }

  /** The same and the blob id of the checkpoint that the run went on from. */
  public static Digest of(Digest spec, Digest data, Digest base, Digest checkpoint) {
    return Digest.sha256(TAG, spec.bytes(), data.bytes(), base.bytes(), checkpoint.bytes());
  }
}
