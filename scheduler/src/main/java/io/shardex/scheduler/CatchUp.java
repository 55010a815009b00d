package io.shardex.scheduler;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Whether a replica has once applied all that was committed before it started. What a fresh replica
 * knows of the log's end says little: after a restart it hears of it only from a leader, and an
 * entry may hold many commands. So it is asked for a read barrier, again until one is passed.
 */
final class CatchUp {
  private final Supplier<CompletableFuture<Long>> barrier;
  private final Executor later;
  private final BooleanSupplier ended;
  private volatile boolean done;

  private CatchUp(
      Supplier<CompletableFuture<Long>> barrier, Executor later, BooleanSupplier ended) {
    this.barrier = barrier;
    this.later = later;
    this.ended = ended;
  }

  /**
   * Begins to ask.
   *
   * @param barrier completes once the replica has applied what was committed when it was asked
   * @param later asks again after a pause
   * @param ended whether there is no use in asking
   */
  static CatchUp begin(
      Supplier<CompletableFuture<Long>> barrier, Executor later, BooleanSupplier ended) {
    CatchUp catchUp = new CatchUp(barrier, later, ended);
    catchUp.ask();
    return catchUp;
  }

  boolean isDone() {
    return done;
  }

  private void ask() {
    CompletableFuture<?> unused =
        barrier
            .get()
            .whenComplete(
                (index, failure) -> {
                  if (failure == null) {
                    done = true;
                  } else if (!ended.getAsBoolean()) {
                    later.execute(this::ask);
                  }
                });
  }
}
