package io.shardex.ops.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.role.WorkerCommand;
import io.shardex.ops.role.WorkerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The units for systemd, as systemd reads them. */
class UnitsTest {
  private static final Path UNITS = Path.of("systemd").toAbsolutePath();

  @TempDir private Path folder;

  // JUnit fills the folder in.
  @SuppressWarnings("NullAway.Init")
  UnitsTest() {}

  @Test
  void systemdUnderstandsEveryLine() throws Exception {
    assertEquals("", complaints("shardex-node@", unit("shardex-node@")));
    assertEquals("", complaints("shardex-worker@", unit("shardex-worker@")));
  }

  @Test
  void systemdUnderstandsTheDropInForCommands() throws Exception {
    Path dropIns = Files.createDirectory(folder.resolve("shardex-worker@x.service.d"));
    Files.copy(UNITS.resolve("commands.conf"), dropIns.resolve("commands.conf"));

    assertEquals("", complaints("shardex-worker@", unit("shardex-worker@")));
  }

  /** That the first test can fail at all. */
  @Test
  void aMistypedLineIsComplainedAbout() throws Exception {
    String text = unit("shardex-worker@").replace("KillMode=mixed", "KillMode=mixd");

    String said = complaints("shardex-worker@", text);

    assertTrue(said.contains("Failed to parse kill mode"), said);
  }

  @Test
  void whatNoRestartMendsIsNotRestarted() throws IOException {
    assertTrue(
        unit("shardex-worker@")
            .contains(
                "RestartPreventExitStatus=%d %d\n"
                    .formatted(ExitCode.USAGE.number(), ExitCode.REFUSED.number())));
    assertTrue(
        unit("shardex-node@")
            .contains("RestartPreventExitStatus=%d\n".formatted(ExitCode.USAGE.number())));
  }

  @Test
  void aWorkerIsKilledNoSoonerThanItsDrainMayTake() throws IOException {
    Matcher minutes =
        Pattern.compile("\nTimeoutStopSec=([0-9]+)min\n").matcher(unit("shardex-worker@"));
    assertTrue(minutes.find());
    Duration killed = Duration.ofMinutes(Long.parseLong(minutes.group(1)));
    Duration needed = WorkerSettings.DRAIN_TIMEOUT.plus(WorkerCommand.ORDERLY);
    assertTrue(killed.compareTo(needed) >= 0, killed + " for " + needed);
  }

  private String complaints(String name, String text) throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/systemd-analyze")),
        "systemd-analyze is not here: the units are not checked by systemd");
    Path file = folder.resolve(name + "x.service");
    // The program need not be installed for its unit to be read.
    String readable = text.replace("ExecStart=/opt/shardex/ops/shardex", "ExecStart=/bin/true");
    assertFalse(readable.equals(text), "the unit starts what is in /opt/shardex");
    Files.writeString(file, readable);
    Process analyze =
        new ProcessBuilder(List.of("/usr/bin/systemd-analyze", "verify", file.toString()))
            .redirectErrorStream(true)
            .start();
    String said = new String(analyze.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(analyze.waitFor(60, TimeUnit.SECONDS));
    return said;
  }

  private static String unit(String name) throws IOException {
    return Files.readString(UNITS.resolve(name + ".service"));
  }
}
