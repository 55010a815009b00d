package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardex.cli.InputRefused;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.LocalEscrow;
import io.shardex.cli.LocalMarketplace;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.SmallCommand;
import io.shardex.cli.SmallJob;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobTerms;
import io.shardex.market.Stamp;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.OutputIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job of kind CommandJob, from its file to its outputs. */
class CommandJobTest {
  @TempDir private Path home;
  private Rig rig;
  private Path file;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  CommandJobTest() {}

  @BeforeEach
  void writeTheJob() throws Exception {
    rig = Rig.in(home);
    file = SmallCommand.in(home);
  }

  @Test
  void aDryRunSaysThatNothingWillBeProvenAndOneBoundOfTheCost() throws Exception {
    String text = rig.run("job", "submit", file.toString(), "--dry-run");
    assertTrue(text.contains("  proof     none: the results are NOT PROVEN"), text);
    assertTrue(
        text.contains("  cost      at most 0.400000, when every instance runs as long as it may"),
        text);
    assertFalse(text.contains("audited, "), text);
    JsonNode plan = rig.object("job", "submit", file.toString(), "--dry-run", "-o", "json");
    assertFalse(plan.get("proven").asBoolean());
    assertEquals("400000", plan.get("costWithAllAudits").asText());
  }

  @Test
  void aTrainingJobSaysNothingOfTheKind() throws Exception {
    Path training = SmallJob.in(home).file();
    String text = rig.run("job", "submit", training.toString(), "--dry-run");
    assertFalse(text.contains("proof"), text);
    JsonNode plan = rig.object("job", "submit", training.toString(), "--dry-run", "-o", "json");
    assertTrue(plan.get("proven").asBoolean());
  }

  @Test
  void itIsPaidUploadedAndSubmitted() throws Exception {
    LocalEscrow escrow = new LocalEscrow();
    LocalMarketplace market = new LocalMarketplace(escrow);
    JobSubmission submission =
        new JobSubmission(
            SmallJob.NETWORK, escrow, market, home.resolve("notes"), () -> Rig.NOW, millis -> {});
    PlannedJob planned = submission.plan(JobInput.read(file));

    submission.submit(planned, step -> {});

    assertEquals(List.of(new Command.SubmitJob(planned.id(), planned.terms())), market.commands);
    CommandInputs inputs =
        CommandInputs.decode(
            Optional.ofNullable(market.blobs.get(planned.terms().data())).orElseThrow());
    inputs.blobs().forEach(blob -> assertTrue(market.blobs.containsKey(blob.id())));
    assertEquals(4, market.blobs.size(), "the job file, the description, an image and an input");
  }

  @Test
  void aMissingFileIsNamedBeforeAnythingIsPaid() throws Exception {
    Files.delete(home.resolve("run.sh"));
    rig.fail(
        InputRefused.class,
        "spec.inputs[0].file: expected a file",
        "job",
        "submit",
        file.toString(),
        "--dry-run");
  }

  @Test
  void itsDescriptionSaysThatNothingIsProven() throws Exception {
    rig.put(job(List.of(Digest.ZERO), List.of()));
    String text = rig.run("job", "describe", "1f3a");
    assertTrue(text.contains("proof     none: the results are NOT PROVEN"), text);
    assertTrue(text.contains("pay       by time from a lease's start"), text);
    assertFalse(rig.object("job", "describe", "1f3a", "-o", "json").get("proven").asBoolean());
  }

  @Test
  void itsOutputsAreFetchedByRank() throws Exception {
    byte[] one = {1, 2, 3};
    byte[] other = {4};
    jobWith(output(0, one), output(1, other));
    Path out = home.resolve("results");

    String text = rig.run("job", "fetch", "1f3a", "--out", out.toString());

    assertTrue(text.contains("2 outputs are in " + out), text);
    assertTrue(text.contains("nobody has proven"), text);
    assertArrayEquals(one, Files.readAllBytes(out.resolve("rank-0.tar")));
    assertArrayEquals(other, Files.readAllBytes(out.resolve("rank-1.tar")));
    try (var files = Files.list(out)) {
      assertEquals(2, files.count());
    }
    rig.fail(
        InputRefused.class,
        "cannot be made a folder",
        "job",
        "fetch",
        "1f3a",
        "--out",
        file.toString());
  }

  @Test
  void oneThatEndedEarlyHasTheOutputsThereAre() throws Exception {
    jobWith(output(1, new byte[] {4}));
    Path out = home.resolve("results");
    JsonNode fetched = rig.object("job", "fetch", "1f3a", "--out", out.toString(), "-o", "json");
    assertEquals(1, fetched.get("outputs").size());
    assertEquals(1, fetched.get("outputs").get(0).get("rank").asInt());
    String text = rig.run("job", "fetch", "1f3a", "--out", out.toString());
    assertTrue(text.contains("the job ended early: 1 outputs are missing"), text);
  }

  @Test
  void itsRoundHasNoLoss() {
    assertEquals("no loss", Figures.loss(0));
    assertEquals("loss 0.2500", Figures.loss(0.25));
  }

  private OutputIndex.Output output(int rank, byte[] content) {
    rig.network.market.put(content, (done, total) -> {});
    return new OutputIndex.Output(rank, Manifest.of(content).id(), content.length);
  }

  private void jobWith(OutputIndex.Output... outputs) throws Exception {
    byte[] index = new OutputIndex(List.of(outputs)).encoded();
    rig.network.market.put(index, (done, total) -> {});
    rig.put(job(List.of(Digest.ZERO, Manifest.of(index).id()), List.of(0L)));
  }

  private Job job(List<Digest> models, List<Long> losses) throws Exception {
    LocalEscrow escrow = new LocalEscrow();
    JobTerms terms =
        new JobSubmission(
                SmallJob.NETWORK,
                escrow,
                new LocalMarketplace(escrow),
                home.resolve("notes"),
                () -> Rig.NOW,
                millis -> {})
            .plan(file)
            .terms();
    Job first =
        Job.submitted(
            Rig.JOB, new Deposit(Rig.KEY.address(), 5, Digest.ZERO, 9), terms, new Stamp(1, 0));
    return new Job(
        Rig.JOB,
        first.deposit(),
        terms,
        first.submitted(),
        JobPhase.RUNNING,
        1,
        models,
        losses,
        Optional.empty(),
        0,
        false,
        first.doubt());
  }
}
