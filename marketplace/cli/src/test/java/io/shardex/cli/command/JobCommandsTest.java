package io.shardex.cli.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.NotCompleted;
import io.shardex.cli.SmallJob;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Rejection;
import io.shardex.market.TaskId;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.BlobProgress;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.Refused;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobSpec;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobCommandsTest {
  @TempDir private Path home;
  private Rig rig;
  private SmallJob file;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  JobCommandsTest() {}

  @BeforeEach
  void furnish() throws Exception {
    rig = Rig.in(home);
    file = SmallJob.in(Files.createDirectories(home.resolve("work")));
  }

  @Test
  void aDryRunShowsBothBoundsAndMovesNoMoney() throws Exception {
    rig.environment.remove("SHARDEX_PASSPHRASE_FILE");

    String text = rig.run("job", "submit", file.file().toString(), "--dry-run");
    JsonNode plan = rig.object("job", "submit", file.file().toString(), "--dry-run", "-o", "json");

    assertTrue(text.contains("if nothing is audited"), text);
    assertTrue(text.endsWith("nothing was paid or sent\n"), text);
    assertTrue(plan.path("costWithAllAudits").asLong() > plan.path("costWithoutAudits").asLong());
    assertEquals(0, rig.network.escrow.payments);
    assertEquals(List.of(), rig.network.market.commands);
    assertFalse(Files.exists(home.resolve(".shardex/submissions")), "a note was left");
  }

  @Test
  void aJobIsPaidForAndSubmitted() {
    String text = rig.run("job", "submit", file.file().toString());

    JobId id = rig.network.escrow.deposits.keySet().iterator().next();
    assertTrue(text.contains("job " + id + "\npaying 5.000000 into escrow"), text);
    assertTrue(text.endsWith("submitted\n"), text);
    assertEquals(1, rig.network.market.commands.size());
  }

  @Test
  void programsGetAnObjectALine() throws Exception {
    List<String> lines =
        rig.run("job", "submit", file.file().toString(), "-o", "json").lines().toList();

    assertEquals(
        List.of("planned", "paying", "paid", "submitted"),
        lines.stream().map(JobCommandsTest::event).toList());
  }

  @Test
  void aJobThatCannotBeIsRefusedBeforeMoneyMoves() throws Exception {
    file.with("shards: 2", "shards: 0");

    rig.fail(InputRefused.class, "cannot become a job", "job", "submit", file.file() + "");
    rig.fail(InputRefused.class, "there is no job file none", "job", "submit", "none");
    assertEquals(0, rig.network.escrow.payments);
  }

  @Test
  void aJobIsWatchedUntilItIsSettled() throws Exception {
    rig.put(Rig.JOB, JobPhase.RUNNING);
    complete();

    String text = rig.run("job", "watch", "1f3a");
    List<String> lines = rig.run("job", "watch", "1f3a", "-o", "json").lines().toList();

    assertTrue(text.contains("round  1/3  loss 0.2500"), text);
    assertTrue(text.contains("settled; "), text);
    assertEquals("settled", event(lines.getLast()));
  }

  @Test
  void aJobThatDidNotCompleteEndsTheWatchWithItsReason() {
    rig.put(Rig.JOB, JobPhase.RUNNING);
    submitted();
    end(JobPhase.FAILED, new Ending(Ending.Cause.DEADLINE_REACHED, "the deadline came"));

    NotCompleted thrown =
        rig.fail(NotCompleted.class, "the job is FAILED: DEADLINE_REACHED", "job", "watch", "1f3a");
    assertTrue(thrown.fix().contains("allow more time"), thrown.fix());
  }

  @Test
  void ownJobsAreListedAndAllOnRequest() throws Exception {
    rig.put(Rig.JOB, JobPhase.RUNNING);
    JobId other = new JobId(new Digest(5, 2, 3, 4));
    rig.put(Rig.job(other, SmallJob.BUILDER, JobPhase.FUNDED, List.of(Digest.ZERO), List.of()));

    String text = rig.run("job", "list");
    assertTrue(text.contains("1f3a0000"), text);
    assertFalse(text.contains(other.brief()), text);
    assertEquals(2, rig.object("job", "list", "--all", "-o", "json").path("jobs").size());
  }

  @Test
  void aBuilderWithoutJobsIsTold() {
    assertEquals("no jobs of " + Rig.KEY.address() + "\n", rig.run("job", "list"));
  }

  @Test
  void aDescriptionHoldsShardsRoundsAndMoney() throws Exception {
    Job job =
        rig.put(
            Rig.job(
                Rig.JOB,
                Rig.KEY.address(),
                JobPhase.RUNNING,
                List.of(Digest.ZERO, new Digest(9, 9, 9, 9)),
                List.of(Double.doubleToRawLongBits(0.25))));
    JobAccount account = rig.account(job.id());
    rig.network.market.jobs.put(
        job.id(),
        new JobAccount(
            7,
            job,
            List.of(leased()),
            account.free(),
            account.held(),
            account.fees(),
            account.refunded(),
            account.paid()));

    String text = rig.run("job", "describe", "1f3a");
    assertTrue(text.contains("state     RUNNING"), text);
    assertTrue(text.contains("round  1  loss 0.2500"), text);
    assertTrue(text.contains("LEASED  0x00000000  0.3300"), text);
    assertTrue(text.contains("free 3.000000, held 0.400000, fees 0.030000"), text);
    assertTrue(text.contains("1.500000 to " + SmallJob.address(21)), text);
    JsonNode object = rig.object("job", "describe", "1f3a", "-o", "json");
    assertEquals("400000", object.path("money").path("held").asText());
    assertEquals("LEASED", object.path("shards").path(0).path("phase").asText());
    assertEquals(200, object.path("shards").path(0).path("savedStep").asInt());
    assertTrue(text.contains("saved     never: a lease that is lost costs its whole shard"), text);
  }

  @Test
  void aJobThatLeftTheStateIsDescribedFromItsHistory() {
    complete();
    rig.network.market.log.add(new Event.JobArchived(Rig.JOB));

    String text = rig.run("job", "describe", Rig.JOB.toString());

    assertTrue(text.contains("state     COMPLETED, out of the market's state"), text);
    assertTrue(text.contains("next      fetch the model"), text);
  }

  @Test
  void aJobThatTheNodesRememberIsListedAndDescribedInFull() {
    rig.put(Rig.JOB, JobPhase.COMPLETED);
    rig.network.ended.add(rig.account(Rig.JOB));
    rig.network.market.jobs.clear();

    assertTrue(rig.run("job", "list").contains("1f3a0000"), rig.printed());
    String text = rig.run("job", "describe", "1f3a");
    assertTrue(text.contains("1.500000 to " + SmallJob.address(21)), text);
  }

  @Test
  void anUnknownJobIsNamedWithTheFix() {
    Declined thrown =
        rig.fail(Declined.class, "the market knows no job abcd", "job", "describe", "abcd");
    assertTrue(thrown.fix().contains("shardex job list --all"), thrown.fix());
    rig.fail(InputRefused.class, "'xyz' is no job id", "job", "describe", "xyz");
  }

  @Test
  void aBeginningOfTwoIdsIsNotEnough() {
    rig.put(Rig.JOB, JobPhase.RUNNING);
    rig.put(new JobId(new Digest(0x1f3b_0000_0000_0000L, 2, 3, 4)), JobPhase.RUNNING);

    rig.fail(InputRefused.class, "2 jobs have an id that begins with 1f", "job", "logs", "1f");
  }

  @Test
  void theLogTellsEventsInWords() throws Exception {
    rig.put(Rig.JOB, JobPhase.RUNNING);
    complete();

    String text = rig.run("job", "logs", "1f3a");
    List<String> lines = rig.run("job", "logs", "1f3a", "-o", "json").lines().toList();

    assertTrue(text.contains("      1  round 1 opens"), text);
    assertTrue(text.contains("settled: the chain has confirmed every payment"), text);
    assertEquals("JobSubmitted", event(lines.getFirst()));
  }

  @Test
  void beforeTheFirstRoundThereIsNoModel() {
    rig.put(Rig.JOB, JobPhase.RUNNING);

    Declined thrown = rig.fail(Declined.class, "has no closed round yet", "job", "fetch", "1f3a");
    assertTrue(thrown.fix().contains("shardex job watch 1f3a0000"), thrown.fix());
  }

  @Test
  void aModelIsFetchedAsSafetensors() throws Exception {
    RoundModel model = jobWithAModel(1);
    Path out = home.resolve("model.safetensors");

    String text = rig.run("job", "fetch", "1f3a", "--out", out.toString());

    assertTrue(text.startsWith("the model of round 1 is in " + out), text);
    assertArrayEquals(SafeTensors.write(model), Files.readAllBytes(out));
    rig.fail(InputRefused.class, "round 2 of job", "job", "fetch", "1f3a", "--round", "2");
    rig.fail(InputRefused.class, "cannot be written", "job", "fetch", "1f3a", "--out", "no/f");
  }

  @Test
  void aRoundThatEndedEarlyHasTheModelOfTheOneBefore() throws Exception {
    RoundModel model = jobWithAModel(2);
    Path out = home.resolve("model.safetensors");

    String text = rig.run("job", "fetch", "1f3a", "--out", out.toString());

    assertTrue(text.startsWith("round 2 ended early: its model is that of round 1\n"), text);
    assertArrayEquals(SafeTensors.write(model), Files.readAllBytes(out));
  }

  /** A job whose rounds after the first brought nothing new. */
  private RoundModel jobWithAModel(int rounds) throws Exception {
    JobFile spec = JobFile.read(file.file());
    JobSpec.Model.Reference trained = (JobSpec.Model.Reference) spec.spec().model();
    RoundModel initial = InitialModel.of(trained.spec());
    RoundModel model = new RoundModel(initial.model(), 1, initial.parameters());
    rig.network.market.put(model.encode(), BlobProgress.NONE);
    rig.network.market.put(spec.bytes(), BlobProgress.NONE);
    List<Digest> models = new ArrayList<>(List.of(Digest.ZERO));
    models.addAll(Collections.nCopies(rounds, Manifest.of(model.encode()).id()));
    Job job =
        Rig.job(
            Rig.JOB,
            Rig.KEY.address(),
            JobPhase.RUNNING,
            models,
            Collections.nCopies(rounds, Double.doubleToRawLongBits(0.25)));
    rig.put(
        new Job(
            job.id(),
            new Deposit(Rig.KEY.address(), 5, spec.digest(), 9),
            job.terms(),
            job.submitted(),
            job.phase(),
            job.round(),
            job.models(),
            job.losses(),
            Optional.empty(),
            0,
            false,
            job.doubt()));
    return model;
  }

  @Test
  void aJobIsCancelledOnce() {
    rig.put(Rig.JOB, JobPhase.RUNNING);

    String text = rig.run("job", "cancel", "1f3a");

    assertTrue(text.contains("cancelled; what workers have at hand is finished"), text);
    assertEquals(List.of(new Command.CancelJob(Rig.JOB)), rig.network.market.commands);
    rig.network.market.refusal =
        Optional.of(new Rejection(Rejection.Reason.JOB_ENDED, "job 1f3a has ended or is ending"));
    rig.fail(Refused.class, "JOB_ENDED", "job", "cancel", "1f3a");
  }

  @Test
  void aWaitingJobIsToldWhatHoldsItUp() throws Exception {
    Job job = rig.put(Rig.JOB, JobPhase.RUNNING);
    JobAccount account = rig.account(job.id());
    rig.network.market.jobs.put(
        job.id(),
        new JobAccount(
            7,
            job,
            List.of(
                new Task(
                    new TaskId(Rig.JOB, 1, 0),
                    TaskPhase.OPEN,
                    0,
                    Optional.empty(),
                    Optional.empty(),
                    List.of())),
            account.free(),
            account.held(),
            account.fees(),
            account.refunded(),
            account.paid()));

    JsonNode answer = rig.object("job", "why-not", "1f3a", "-o", "json");

    assertTrue(answer.path("blocked").asBoolean());
    assertTrue(answer.path("verdict").asText().startsWith("class holds it up"), answer + "");
  }

  @Test
  void aJobFileIsToldWhatWouldHoldItUp() {
    rig.network.workers.add(Rig.worker(31, 4_096, 2_000_000_000L));

    String text = rig.run("job", "why-not", file.file().toString());

    assertTrue(text.endsWith("nothing holds it up: a shard of it can be leased now\n"), text);
    rig.fail(InputRefused.class, "there is no job file", "job", "why-not", "none.yaml");
  }

  private static Task leased() {
    TaskId id = new TaskId(Rig.JOB, 2, 0);
    return new Task(
        id,
        TaskPhase.LEASED,
        1,
        Optional.of(
            new Task.Lease(
                SmallJob.address(31),
                SmallJob.address(21),
                new UnitPrice(5_500_000_000L),
                Amount.of(1),
                0,
                0,
                Optional.of(0L))),
        Optional.empty(),
        List.of(
            new Checkpoint(1, SmallJob.address(31), SmallJob.address(21), 200, Digest.ZERO, 0)));
  }

  private void submitted() {
    rig.network.market.log.add(new Event.JobSubmitted(Rig.JOB, Rig.KEY.address(), Rig.terms()));
    rig.network.market.log.add(new Event.RoundOpened(Rig.JOB, 1));
  }

  private void complete() {
    submitted();
    rig.network.market.log.add(
        new Event.RoundClosed(
            Rig.JOB, 1, new Digest(9, 9, 9, 9), Double.doubleToRawLongBits(0.25)));
    end(JobPhase.COMPLETED, new Ending(Ending.Cause.ALL_ROUNDS_DONE, "3 rounds"));
  }

  private void end(JobPhase phase, Ending why) {
    rig.network.market.log.add(new Event.JobEnded(Rig.JOB, phase, why, Amount.of(3)));
    rig.network.market.log.add(new Event.JobSettled(Rig.JOB));
  }

  private static String event(String line) {
    try {
      return new ObjectMapper().readTree(line).path("event").asText();
    } catch (java.io.IOException e) {
      throw new AssertionError(line, e);
    }
  }
}
