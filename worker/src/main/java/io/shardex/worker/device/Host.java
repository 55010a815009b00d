package io.shardex.worker.device;

import com.sun.management.OperatingSystemMXBean;
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
}
