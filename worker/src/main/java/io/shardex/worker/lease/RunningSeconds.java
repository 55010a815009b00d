package io.shardex.worker.lease;

import java.util.function.BooleanSupplier;

/**
 * The steps of a command are its seconds: told while it runs, and those after which it is saved.
 * Asked by the command's thread, some twenty times a second, whether there is no use in going on.
 */
final class RunningSeconds implements BooleanSupplier {
  private final int from;
  private final int all;
  private final SandboxRuntime.Staged command;
  private final SavedSteps saved;
  private final long start = System.nanoTime();
  private int told;

  /**
   * Begins to count.
   *
   * @param from seconds of the shard that are used up
   */
  RunningSeconds(int from, SandboxRuntime.Staged command, SavedSteps saved) {
    this.from = from;
    this.told = from;
    this.all = command.limits().seconds();
    this.command = command;
    this.saved = saved;
  }

  @Override
  public boolean getAsBoolean() {
    int step = (int) Math.min(all, from + (System.nanoTime() - start) / 1_000_000_000);
    if (step > told) {
      told = step;
      saved.stepped(step, all, 0);
    }
    if (from < step && step < all && saved.wantsCheckpoint(step)) {
      saved.save(step, command);
    }
    return saved.isOver();
  }
}
