package io.shardex.worker.runtime.torch;

import java.time.Duration;

/**
 * What a child process may take.
 *
 * @param memoryMiB of its own memory (not that of files it maps), 512 to 1,048,576
 * @param threads it computes with, 1 to 256; their number may change results
 * @param start until libtorch is loaded
 * @param step until the module is read and has taken its first step, and for each step after it
 */
public record TorchLimits(int memoryMiB, int threads, Duration start, Duration step) {
  /** The least with which a small module can be trained. */
  public static final int LEAST_MEMORY_MIB = 512;

  /** A machine under load, and a cold disk with 450 MB of library on it. */
  private static final Duration START = Duration.ofSeconds(90);

  /** A step of 10^13 operations on one slow core. */
  private static final Duration STEP = Duration.ofMinutes(10);

  public TorchLimits {
    if (memoryMiB < LEAST_MEMORY_MIB || memoryMiB > 1 << 20) {
      throw new IllegalArgumentException(
          "expected %d to %d MiB for libtorch, but it is %d"
              .formatted(LEAST_MEMORY_MIB, 1 << 20, memoryMiB));
    }
    if (threads < 1 || threads > 256) {
      throw new IllegalArgumentException("expected 1 to 256 threads, but it is " + threads);
    }
  }

  /** With time enough for slow machines. */
  public static TorchLimits of(int memoryMiB, int threads) {
    return new TorchLimits(memoryMiB, threads, START, STEP);
  }
}
