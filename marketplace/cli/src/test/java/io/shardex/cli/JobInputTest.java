package io.shardex.cli;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobInputTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir private Path folder;
  private SmallJob job;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  JobInputTest() {}

  @BeforeEach
  void writeTheJob() throws IOException {
    job = SmallJob.in(folder);
  }

  @Test
  void aSoundJobPasses() throws Exception {
    JobInput.read(job.file()).check(SmallJob.NETWORK, NOW);
  }

  @Test
  void aMistypedFieldNeedsNoDataToBeFound() throws Exception {
    job.with("rounds: 3", "ronds: 3");
    Files.delete(job.images());

    assertRefused("rounds", () -> JobInput.readFile(job.file()));
  }

  @Test
  void aFolderIsNoJobFile() {
    assertRefused("the job file " + folder + " cannot be read", () -> JobInput.readFile(folder));
  }

  @Test
  void whatTheNetworkWouldRefuseIsFoundWithoutIt() throws Exception {
    job.with("deadline: 30m", "deadline: 2026-11-22T11:59:59Z");
    assertRefused("spec.deadline: expected a time to come", this::check);

    job.with("deadline: 2026-11-22T11:59:59Z", "deadline: 30m")
        .with("rounds: 3", "rounds: 10000")
        .with("budget: \"5.00\"", "budget: \"0.01\"");
    assertRefused("is missing", this::check);

    job.with("layers: [4, 3, 2]", "layers: [5, 3, 2]");
    assertRefused("expected 4 inputs", this::check);
  }

  private void check() throws IOException, InputRefused {
    JobInput.read(job.file()).check(SmallJob.NETWORK, NOW);
  }

  private interface Step {
    void run() throws IOException, InputRefused;
  }

  private static void assertRefused(String part, Step step) {
    InputRefused refused = assertThrows(InputRefused.class, step::run);
    assertTrue(String.valueOf(refused.getMessage()).contains(part), refused.getMessage());
  }
}
