package io.shardex.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: shell scripts in the place of drivers' programs. */
@Timeout(60)
class BoundedToolTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final List<String> ASK = List.of("nvidia-smi", "-q", "-x");

  @TempDir private Path folder;

  @Test
  void whatItPrintsIsReturnedWithItsArgumentsAndInPlainEnglish() throws Exception {
    script("echo \"$@\" $LC_ALL; echo aside >&2");

    assertEquals(Optional.of("-q -x C\n"), tool(LONG).run(ASK));
  }

  @Test
  void aProgramThatIsNotThereIsNoFault() throws Exception {
    assertEquals(Optional.empty(), tool(LONG).run(ASK));
    Files.writeString(folder.resolve("nvidia-smi"), "not executable");
    assertEquals(Optional.empty(), tool(LONG).run(ASK));
  }

  @Test
  void noDriverIsToldInTheProgramsWords() throws Exception {
    String words =
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
            + " Make sure that the latest NVIDIA driver is installed and running.";
    script("echo \"" + words + "\"; echo; exit 9");

    assertEquals("nvidia-smi: " + words + " (exit code 9)", fault(LONG).getMessage());
  }

  @Test
  void aCardOffTheBusIsToldInTheProgramsWords() throws Exception {
    String words =
        "Unable to determine the device handle for GPU 0000:02:00.0: GPU is lost."
            + " Reboot the system to recover this GPU";
    script("echo '" + words + "'; exit 15");

    assertEquals("nvidia-smi: " + words + " (exit code 15)", fault(LONG).getMessage());
  }

  @Test
  void anotherDriversLibraryIsToldInTheProgramsWords() throws Exception {
    script("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18");

    assertEquals(
        "nvidia-smi: Failed to initialize NVML: Driver/library version mismatch (exit code 18)",
        fault(LONG).getMessage());
  }

  @Test
  void aTraceIsToldByItsLastLine() throws Exception {
    script("printf 'Traceback\\n  File x\\nAmdSmiException: no driver\\n' >&2; exit 1");

    assertEquals("nvidia-smi: AmdSmiException: no driver (exit code 1)", fault(LONG).getMessage());
  }

  @Test
  void aProgramThatHangsIsGivenUpAndEnded() throws Exception {
    script("echo $$ > '" + folder.resolve("pid") + "'; exec sleep 1000");
    long start = System.nanoTime();

    ToolFault fault = fault(Duration.ofSeconds(2));

    assertEquals("nvidia-smi: no answer within 2.0 s", fault.getMessage());
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(20).toNanos());
    long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
    for (int i = 0; i < 100 && isAlive(pid); i++) {
      Thread.sleep(100);
    }
    assertTrue(!isAlive(pid), "process " + pid + " goes on");
  }

  @Test
  void aProgramThatSaysTooMuchIsEnded() throws Exception {
    script("exec cat /dev/zero");

    assertEquals("nvidia-smi: more than 4096 bytes of output", fault(LONG).getMessage());
  }

  @Test
  void theAgentsOwnVariablesStayWithIt() throws Exception {
    script("env");

    String variables = tool(LONG).run(ASK).orElseThrow();
    assertTrue(variables.contains("LC_ALL=C"), variables);
    // Surefire's own fork always has it.
    assertTrue(System.getenv().size() > 4, System.getenv().keySet().toString());
    assertTrue(
        variables
            .lines()
            .allMatch(
                line -> line.matches("(PATH|HOME|LD_LIBRARY_PATH|LC_ALL|PWD|SHLVL|_|OLDPWD)=.*")),
        variables);
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private ToolFault fault(Duration longest) {
    return assertThrows(ToolFault.class, () -> tool(longest).run(ASK));
  }

  private BoundedTool tool(Duration longest) {
    return new BoundedTool(List.of(folder.resolve("none"), folder), longest, 4_096);
  }

  private void script(String body) throws IOException {
    Path file = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
