package io.shardex.training;

import io.shardex.training.commitment.Digest;
import io.shardex.training.model.ShardResult;

/** How a shard's training ended. */
public sealed interface ShardOutcome {

  /**
   * All steps were taken.
   *
   * @param resultDigest digest of {@code result.encode()}
   * @param root what the worker commits to: header, states and result
   */
  record Trained(ShardResult result, Digest resultDigest, Digest root) implements ShardOutcome {}

  /**
   * NaN or infinity came up.
   *
   * @param step steps taken, the diverging one included; 1 or more
   * @param resultDigest SHA-256 of the tag {@code shardex.diverged/1} and the step (8 bytes,
   *     little-endian)
   * @param root as above, over the states before
   */
  record Diverged(int step, Digest resultDigest, Digest root) implements ShardOutcome {}

  /**
   * The caller asked to stop; nothing can be committed.
   *
   * @param step steps taken
   */
  record Cancelled(int step) implements ShardOutcome {}
}
