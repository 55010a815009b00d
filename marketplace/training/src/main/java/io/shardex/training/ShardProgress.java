package io.shardex.training;

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
}
