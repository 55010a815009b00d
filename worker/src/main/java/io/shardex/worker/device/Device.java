package io.shardex.worker.device;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The machine as this process sees it.
 *
 * @param processors that the process may use, at least 1
 * @param memoryMiB of the machine, or of the container that bounds it
 */
public record Device(int processors, long memoryMiB) {
  /** Looks at the machine the process runs on. */
  public static Device here() {
    long bytes =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return new Device(Runtime.getRuntime().availableProcessors(), bytes >> 20);
  }
}
