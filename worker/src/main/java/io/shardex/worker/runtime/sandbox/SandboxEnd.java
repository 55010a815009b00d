package io.shardex.worker.runtime.sandbox;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * How a command ended.
 *
 * @param exitCode of the program; 137 when it was killed
 * @param ran from its start to its end
 * @param peakBytes the most memory it used, where the kernel tells
 */
public record SandboxEnd(Cause cause, int exitCode, Duration ran, OptionalLong peakBytes) {
  /** Why it is over. */
  public enum Cause {
    /** It ended by itself. */
    EXITED,
    /** The kernel killed some process of it at its memory limit. */
    OUT_OF_MEMORY,
    /** It was killed at its time limit. */
    OUT_OF_TIME,
    /** It was killed because its lease was over. */
    CANCELLED
  }

  /** Whether it did what it was asked to. */
  public boolean succeeded() {
    return cause == Cause.EXITED && exitCode == 0;
  }
}
