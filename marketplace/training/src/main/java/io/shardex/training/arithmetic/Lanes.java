package io.shardex.training.arithmetic;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The threads that share a kernel's outputs among themselves. Their number never changes a bit: no
 * sum is split.
 */
public final class Lanes implements AutoCloseable {
  private final int count;
  private final ExecutorService others;

  private Lanes(int count) {
    this.count = count;
    this.others =
        Executors.newFixedThreadPool(
            Math.max(1, count - 1), Thread.ofPlatform().daemon().name("lane-", 1).factory());
  }

  /** The caller's thread and {@code count - 1} more; 1 to 256. */
  public static Lanes of(int count) {
    if (count < 1 || count > 256) {
      throw new IllegalArgumentException("expected 1 to 256 lanes, but it is " + count);
    }
    return new Lanes(count);
  }

  /** Some outputs of a kernel: {@code from} (inclusive) to {@code to} (exclusive). */
  public interface Part {
    void run(int from, int to);
  }

  /** Runs the parts of 0 to {@code outputs - 1}, one a lane, and waits for all of them. */
  public void split(int outputs, Part part) {
    List<Future<?>> running = new ArrayList<>(count - 1);
    for (int lane = 1; lane < count; lane++) {
      int from = bound(lane, outputs);
      int to = bound(lane + 1, outputs);
      running.add(others.submit(() -> part.run(from, to)));
    }
    part.run(0, bound(1, outputs));
    running.forEach(Lanes::await);
  }

  private int bound(int lane, int outputs) {
    return (int) ((long) outputs * lane / count);
  }

  private static void await(Future<?> running) {
    boolean interrupted = false;
    while (true) {
      try {
        running.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException("a lane failed", e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    others.shutdown();
  }
}
