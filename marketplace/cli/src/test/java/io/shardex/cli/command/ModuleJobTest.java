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
import io.shardex.cli.SmallJob;
import io.shardex.cli.SmallModule;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobTerms;
import io.shardex.market.Stamp;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.protocol.job.TrainingInputs;
import io.shardex.training.model.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job with a module of its builder's own, from its files to the trained model. */
class ModuleJobTest {
  @TempDir private Path home;
  private Rig rig;
  private Path file;
  private final LocalEscrow escrow = new LocalEscrow();
  private final LocalMarketplace market = new LocalMarketplace(escrow);

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  ModuleJobTest() {}

  @BeforeEach
  void writeTheJob() throws Exception {
    rig = Rig.in(home);
    file = SmallModule.in(home);
  }

  private JobSubmission submission() {
    return new JobSubmission(
        SmallJob.NETWORK, escrow, market, home.resolve("notes"), () -> Rig.NOW, millis -> {});
  }

  @Test
  void aDryRunSaysWhatTheDeclaredWorkComesToAndThatNothingWillBeProven() throws Exception {
    String text = rig.run("job", "submit", file.toString(), "--dry-run");
    assertTrue(text.contains("  proof     none: the results are NOT PROVEN"), text);
    // Four samples of 3 WU, rounded up with the update, in one step; 60 million WU an hour.
    assertTrue(
        text.contains("  pay       by declared work: 13 WU a shard, 13.0 a step; 0.0 s a shard"),
        text);
    assertTrue(text.contains("  accuracy  is not told"), text);
    assertTrue(text.contains(", when every shard is paid at the limit"), text);
    JsonNode plan = rig.object("job", "submit", file.toString(), "--dry-run", "-o", "json");
    assertFalse(plan.get("proven").asBoolean());
    assertEquals("TORCH", plan.get("runtime").asText());
    assertEquals("13", plan.get("shardWork").asText());
  }

  @Test
  void bothFilesAreUploadedWithTheData() throws Exception {
    PlannedJob planned = submission().plan(JobInput.read(file));
    List<String> told = new ArrayList<>();

    submission()
        .submit(
            planned,
            step -> {
              if (step instanceof SubmissionStep.Uploading uploading) {
                told.add(uploading.what());
              }
            });

    assertEquals(List.of(new Command.SubmitJob(planned.id(), planned.terms())), market.commands);
    TrainingInputs inputs =
        TrainingInputs.decode(
            Optional.ofNullable(market.blobs.get(planned.terms().data())).orElseThrow());
    assertTrue(inputs instanceof TorchInputs);
    inputs.blobs().forEach(blob -> assertTrue(market.blobs.containsKey(blob)));
    assertEquals(6, market.blobs.size());
    assertTrue(
        told.containsAll(List.of("labels", "images", "module", "parameters")), told::toString);
  }

  @Test
  void whatIsWrongWithItsFilesIsNamedBeforeAnythingIsPaid() throws Exception {
    Files.writeString(home.resolve("m.pt"), "import torch");
    rig.fail(
        InputRefused.class,
        "write it with torch.jit.script(model).save(...)",
        "job",
        "submit",
        file.toString());
  }

  @Test
  void itsDescriptionSaysWhatTheClassMeans() throws Exception {
    rig.put(job(List.of(Digest.ZERO), List.of()));
    String text = rig.run("job", "describe", "1f3a");
    assertTrue(text.contains("proof     none: the results are NOT PROVEN"), text);
    assertTrue(text.contains("model     its builder's own, in TorchScript"), text);
    assertTrue(text.contains("pay       by declared work: 13 WU a shard"), text);
    assertEquals(
        "TORCH", rig.object("job", "describe", "1f3a", "-o", "json").get("runtime").asText());
  }

  @Test
  void itsModelIsFetchedUnderItsBuildersNames() throws Exception {
    PlannedJob planned = submission().plan(file);
    rig.network.market.put(planned.file().bytes(), (done, total) -> {});
    rig.network.market.put(planned.material().described(), (done, total) -> {});
    byte[] model = SmallModule.model(2).encode();
    rig.network.market.put(model, (done, total) -> {});
    Digest first = Digest.sha256(new byte[] {1});
    rig.put(job(List.of(Digest.ZERO, first, Manifest.of(model).id()), List.of(1L, 2L)));
    Path out = home.resolve("trained.safetensors");

    String text = rig.run("job", "fetch", "1f3a", "--out", out.toString());

    assertTrue(text.startsWith("the model of round 2 is in " + out), text);
    assertTrue(text.contains("; nobody has proven it"), text);
    assertArrayEquals(SafeTensors.write(SmallModule.model(2)), Files.readAllBytes(out));
  }

  private Job job(List<Digest> models, List<Long> losses) throws Exception {
    JobTerms terms = submission().plan(file).terms();
    Digest spec = Manifest.of(Files.readAllBytes(file)).id();
    Job first =
        Job.submitted(Rig.JOB, new Deposit(Rig.KEY.address(), 5, spec, 9), terms, new Stamp(1, 0));
    return new Job(
        Rig.JOB,
        first.deposit(),
        terms,
        first.submitted(),
        JobPhase.RUNNING,
        Math.max(1, losses.size()),
        models,
        losses,
        Optional.empty(),
        0,
        false,
        first.doubt());
  }
}
