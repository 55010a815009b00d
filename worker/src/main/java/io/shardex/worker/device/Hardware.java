package io.shardex.worker.device;

import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.util.GlobalConfig;

/**
 * The machine's own processor and memory, whatever this process may use of them.
 *
 * @param processor its name, as its maker writes it
 * @param cores physical ones, at least 1
 * @param memoryMiB built in
 * @param freeMiB of it that could be had now without swapping
 */
public record Hardware(String processor, int cores, long memoryMiB, long freeMiB) {
  /** Looks at the machine; takes under a second. */
  public static Hardware here() {
    // libudev would tell of disks and batteries only.
    GlobalConfig.set(GlobalConfig.OSHI_OS_LINUX_ALLOWUDEV, false);
    HardwareAbstractionLayer machine = new SystemInfo().getHardware();
    CentralProcessor processor = machine.getProcessor();
    GlobalMemory memory = machine.getMemory();
    return new Hardware(
        processor.getProcessorIdentifier().getName().strip(),
        Math.max(1, processor.getPhysicalProcessorCount()),
        memory.getTotal() >> 20,
        memory.getAvailable() >> 20);
  }
}
