package io.shardex.scheduler.grid;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The threads that call Ignite, a bounded number of them.
 *
 * <p>Ignite makes a connection to another node in whatever thread needs it first, holding locks,
 * and all others wait for that thread. It must not be a virtual one, which is continued only when a
 * carrier is free: a few busy ones would stop the whole grid. Nor may a caller's interrupt break
 * into it half-way, so callers wait here and nowhere else.
 */
final class GridCalls implements AutoCloseable {
  /** Enough to keep two cores busy while calls wait for other nodes. */
  private static final int THREADS = 16;

  /** More callers than a gateway lets in at once. */
  private static final int WAITING = 4_096;

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration ENDING = Duration.ofSeconds(5);

  private final Duration patience;
  private final ThreadPoolExecutor threads;

  /**
   * Threads for one node's calls.
   *
   * @param patience for one call's answer
   */
  GridCalls(String node, Duration patience) {
    this.patience = patience;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("grid-call-" + node + "-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * What a call comes to.
   *
   * @throws GridUnavailable if it is not answered in time, cannot be taken, or this is interrupted;
   *     the call itself may go on
   */
  <T> T await(Supplier<T> call) {
    Future<T> answer;
    try {
      answer = threads.submit(call::get);
    } catch (RejectedExecutionException e) {
      throw new GridUnavailable("the grid is closed here, or has too many calls to answer", e);
    }
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new GridUnavailable(
          "the grid has not answered in %d s".formatted(patience.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GridUnavailable("interrupted while the grid was asked", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("the grid's call ended with an error", e.getCause());
    }
  }

  /**
   * Takes no more calls and waits up to five seconds for those under way: one that reads a page
   * which Ignite has freed ends the process.
   */
  @Override
  public void close() {
    threads.shutdown();
    boolean interrupted = false;
    try {
      var unused = threads.awaitTermination(ENDING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
