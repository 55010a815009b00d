package io.shardex.worker.runtime.torch;

/** Hears of each step of a module's shard, on the thread that waits for them. */
@FunctionalInterface
public interface TorchProgress {
  /**
   * A step was taken.
   *
   * @param step steps taken so far
   * @param steps steps of the shard
   * @param meanLoss mean loss a label since the shard's start
   */
  void stepped(int step, int steps, double meanLoss);

  /**
   * Whether the state is wanted; asked after each step but the last, unless one is on its way. It
   * is that of a later step, as libtorch does not wait.
   */
  default boolean wantsState(int step) {
    return false;
  }

  /** The state that was wanted; not called where its numbers are not finite. */
  default void reached(TorchState state) {}
}
