package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.worker.device.GpuFinding.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaQueryTest {
  private static final String FIRST = "GPU-00000000-0000-0000-0000-000000000001";
  private static final String SECOND = "GPU-00000000-0000-0000-0000-000000000002";

  private static NvidiaQuery.Row of(String card, Map<String, NvidiaQuery.Row> rows) {
    return Objects.requireNonNull(rows.get(card));
  }

  private static Map<String, NvidiaQuery.Row> read(String cards, String processes)
      throws ToolFault {
    return new NvidiaQuery(
            command ->
                Optional.of(
                    command.stream().anyMatch(word -> word.startsWith("--query-compute-apps"))
                        ? processes
                        : cards))
        .all();
  }

  @Test
  void aCardThatWorksTellsAllItsFigures() throws ToolFault {
    NvidiaQuery.Row row =
        of(
            FIRST,
            read(
                FIRST
                    + ", 00000000:03:00.0, 61, 1980, 2160, 215.00, 215.00, 8192, 1024, [N/A],"
                    + " 0x0000000000000000\n",
                FIRST + ", 4242, 6766, python, the trainer\n"));

    assertEquals("00000000:03:00.0", row.bus());
    assertEquals(OptionalInt.of(61), row.health().temperatureC());
    assertEquals(OptionalInt.of(1980), row.health().clockMhz());
    assertEquals(OptionalInt.of(2160), row.health().mostClockMhz());
    assertEquals(OptionalInt.of(215), row.health().powerLimitWatts());
    assertEquals(OptionalLong.of(1024), row.health().freeVramMiB());
    assertEquals(
        List.of(new GpuProcess(4_242, "python, the trainer", 6_766)), row.health().processes());
    assertEquals(List.of(), row.health().findings(Set.of(4_242L)));
  }

  @Test
  void whatACardLacksIsNoTrouble() throws ToolFault {
    GpuHealth health =
        of(
                FIRST,
                read(
                    FIRST
                        + ", [N/A], [Not Supported], [N/A], [N/A], [N/A], [N/A], 10240, 9900, [N/A],"
                        + " [N/A]\n",
                    ""))
            .health();

    assertEquals(OptionalInt.empty(), health.temperatureC());
    assertEquals(List.of(), health.findings(Set.of()));
  }

  @Test
  void aCardInTroubleSaysSoInAFiguresPlace() throws ToolFault {
    Map<String, NvidiaQuery.Row> rows =
        read(
            FIRST
                + ", 00000000:03:00.0, [Unknown Error], ERR!, 2160, [GPU is lost], 215.00, 8192,"
                + " 7786, 3, 0x00000000000000E9\n"
                + SECOND
                + ", 00000000:04:00.0, 40, 300, 2160, 215.00, 215.00, 8192, 7786, 0,"
                + " 0x0000000000000001\n",
            "");

    assertEquals(
        List.of(
            "temperature.gpu reads '[Unknown Error]'",
            "clocks.sm reads 'ERR!'",
            "power.limit reads '[GPU is lost]'",
            "3 memory errors since its driver was loaded could not be corrected",
            "its clocks are held down: hw_slowdown",
            "its clocks are held down: sw_thermal_slowdown",
            "its clocks are held down: hw_thermal_slowdown",
            "its clocks are held down: hw_power_brake_slowdown"),
        of(FIRST, rows).health().reasons(Set.of()));
    assertEquals(
        List.of(Kind.SILENT, Kind.SILENT, Kind.SILENT, Kind.MEMORY_ERRORS),
        of(FIRST, rows).health().findings(Set.of()).stream()
            .map(GpuFinding::kind)
            .limit(4)
            .toList());
    assertEquals(List.of(), of(SECOND, rows).health().findings(Set.of()));
  }

  @Test
  void anAnswerOfAnotherShapeIsAFault() {
    assertThrows(ToolFault.class, () -> read("No devices were found\n", ""));
  }

  /** A script in the program's place, with the words of a driver that knows the old name only. */
  @Test
  void anOlderDriverIsAskedByTheOldName(@TempDir Path folder) throws Exception {
    Path script = folder.resolve("nvidia-smi");
    Files.writeString(
        script,
        """
        #!/bin/sh
        case "$*" in
        *clocks_event_reasons*)
          echo 'Field "clocks_event_reasons.active" is not a valid field to query.'; exit 2;;
        *compute-apps*) ;;
        *clocks_throttle_reasons*)
          echo '%s, 00000000:03:00.0, 40, 300, 2160, 215.00, 215.00, 8192, 7786, 0, 0x8';;
        esac
        """
            .formatted(FIRST));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    Tool tool = new BoundedTool(List.of(folder), Duration.ofSeconds(30), 10_000);

    assertEquals(
        List.of("its clocks are held down: hw_slowdown"),
        of(FIRST, new NvidiaQuery(tool).all()).health().reasons(Set.of()));
  }
}
