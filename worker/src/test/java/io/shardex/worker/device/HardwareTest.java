package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HardwareTest {
  @Test
  void itIsWhatTheKernelSays() throws Exception {
    Hardware hardware = Hardware.here();

    long kibibytes =
        Files.readAllLines(Path.of("/proc/meminfo")).stream()
            .filter(line -> line.startsWith("MemTotal:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    assertTrue(Math.abs(hardware.memoryMiB() - (kibibytes >> 10)) <= 1, hardware.toString());
    assertTrue(hardware.freeMiB() > 0 && hardware.freeMiB() <= hardware.memoryMiB());
    assertTrue(hardware.cores() >= 1);
    assertFalse(hardware.processor().isBlank());
  }

  @Test
  void aProcessMayNotUseMoreThanThereIs() {
    assertTrue(Host.here().memoryMiB() <= Hardware.here().memoryMiB());
  }
}
