package io.shardex.worker.runtime.sandbox;

import java.time.Duration;

/**
 * What one command may use.
 *
 * @param memoryMiB memory without swap, page cache of its files included; 16 MiB to 1 TiB
 * @param cpuMillis thousandths of a processor, 10 to 1,024,000
 * @param pids processes and threads at a time, 1 to 32,768
 * @param diskMiB of its output, temporary and checkpoint folder together, 1 MiB to 1 TiB
 * @param files in these folders, 16 to 10,000,000
 * @param wall time after which it is killed, 1 s to 30 days
 * @param logBytes of what it says; more is dropped; 0 to 1 GiB
 */
public record SandboxLimits(
    int memoryMiB, int cpuMillis, int pids, int diskMiB, int files, Duration wall, long logBytes) {
  /** As many files as a training script leaves with its checkpoints, many times over. */
  public static final int FILES = 20_000;

  /** Of a log that somebody may read. */
  public static final long LOG_BYTES = 4L << 20;

  public SandboxLimits {
    range("memoryMiB", memoryMiB, 16, 1 << 20);
    range("cpuMillis", cpuMillis, 10, 1_024_000);
    range("pids", pids, 1, 32_768);
    range("diskMiB", diskMiB, 1, 1 << 20);
    range("files", files, 16, 10_000_000);
    range("wall seconds", wall.toSeconds(), 1, Duration.ofDays(30).toSeconds());
    range("logBytes", logBytes, 0, 1L << 30);
  }

  private static void range(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "expected %s of %d to %d, but it is %d".formatted(what, least, most, value));
    }
  }
}
