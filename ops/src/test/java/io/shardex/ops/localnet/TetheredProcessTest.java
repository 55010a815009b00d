package io.shardex.ops.localnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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
  void neitherChildNorTetherHearsWhatTheTerminalOrAGroupKillTellsTheJvm() throws Exception {
    try (TetheredProcess process =
        TetheredProcess.start(List.of("sleep", "30"), folder.resolve("log"))) {
      // Signals of a terminal, and of a group kill, stay within the session.
      ProcessHandle child = ProcessHandle.of(process.pid()).orElseThrow();
      long own = session(ProcessHandle.current().pid());
      assertNotEquals(own, session(child.pid()));
      assertNotEquals(own, session(child.parent().orElseThrow().pid()));
    }
  }

  private static long session(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3]);
  }
}
