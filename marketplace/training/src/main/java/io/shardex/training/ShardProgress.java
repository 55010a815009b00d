package io.shardex.training;

import io.shardex.training.model.ShardCheckpoint;

/** Hears of each step of a shard, on the training thread. */
@FunctionalInterface
public interface ShardProgress {
  /** Hears nothing. */
  ShardProgress NONE = (step, steps, meanLoss) -> {};

  /**
   * A step was taken.
   *
   * @param step steps taken so far
   * @param steps steps of the shard
   * @param meanLoss mean loss a sample since the shard's start
   */
  void stepped(int step, int steps, double meanLoss);

  /** Whether the state after these steps is wanted; asked after each step but the last. */
  default boolean wantsCheckpoint(int step) {
    return false;
  }

  /** The state that was wanted; not called where its numbers are not finite. */
  default void reached(ShardCheckpoint checkpoint) {}
}
