package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TetheredProcessTest {
  @TempDir private Path folder;

  @Test
  void itsOutputGoesToTheLogAndItsStatusIsKnown() throws Exception {
    Path log = folder.resolve("a log");
    try (TetheredProcess process =
        TetheredProcess.start(
            List.of("sh", "-c", "echo \"$1\" to err >&2; exit 7", "x", "a  b"), log)) {
      assertEquals(7, process.exit().get(30, TimeUnit.SECONDS));
    }
    assertEquals("a  b to err\n", Files.readString(log));
  }

  @Test
  void aProgramThatIsNotThereEndsAsInAShell() throws Exception {
    try (TetheredProcess process =
        TetheredProcess.start(
            List.of(folder.resolve("nothing").toString()), folder.resolve("log"))) {
      int status = process.exit().get(30, TimeUnit.SECONDS);
      assertTrue(status == 126 || status == 127, "status " + status);
    }
  }

  @Test
  void aProcessThatIgnoresTheRequestToEndIsKilled() throws Exception {
    ProcessHandle child;
    Path log = folder.resolve("log");
    try (TetheredProcess process =
        TetheredProcess.start(
            List.of("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"), log)) {
      child = ProcessHandle.of(process.pid()).orElseThrow();
      while (!Files.exists(log) || Files.size(log) == 0) {
        Thread.onSpinWait();
      }
    }
    assertFalse(child.isAlive());
  }

  @Test
  void theChildHearsNoInterruptOfTheTerminal() throws Exception {
    try (TetheredProcess process =
        TetheredProcess.start(List.of("sleep", "30"), folder.resolve("log"))) {
      // A session of its own: the terminal's signals go to the process groups of its session only.
      Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
      String name = "";
      while (!name.contains("(sleep)")) {
        name = Files.readString(stat);
      }
      String session = name.substring(name.lastIndexOf(')') + 2).split(" ", -1)[3];
      assertEquals(process.pid(), Long.parseLong(session));
    }
  }
}
