package io.shardex.worker.device;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/**
 * What of the machine this process may use; a container may bound it to less than there is.
 *
 * @param processors that the process may use, at least 1
 * @param memoryMiB of the machine, or of the container that bounds it
 */
public record Host(int processors, long memoryMiB) {
  /** Looks at what the process runs on. */
  public static Host here() {
    long bytes =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new Host(Runtime.getRuntime().availableProcessors(), bytes >> 20);
  }

  /**
   * Refuses an offer of more memory than there is.
   *
   * @param who offers it
   */
  public void requireMemory(String who, long offeredMiB) throws IOException {
    if (offeredMiB > memoryMiB) {
      throw new IOException(
          "expected %s to offer at most %d MiB, the machine's memory, but it offers %d; lower 'memory'"
              .formatted(who, memoryMiB, offeredMiB));
    }
  }
}
