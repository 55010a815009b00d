package io.shardex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.JobAccount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobSubmissionTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir private Path folder;

  private final LocalEscrow escrow = new LocalEscrow();
  private final LocalMarketplace market = new LocalMarketplace(escrow);
  private final List<SubmissionStep> steps = new ArrayList<>();
  private Instant now = NOW;
  private SmallJob job;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  JobSubmissionTest() {}

  @BeforeEach
  void writeTheJob() throws IOException {
    job = SmallJob.in(folder);
  }

  @Test
  void aJobIsPaidUploadedAndSubmitted() throws Exception {
    PlannedJob planned = submission().plan(job.file());
    JobId id = submission().submit(planned, steps::add);

    assertEquals(planned.id(), id);
    assertEquals(List.of(new Command.SubmitJob(id, planned.terms())), market.commands);
    assertEquals(Amount.of(5 * Amount.TOKEN), escrow.deposits.get(id));
    assertTrue(market.blobs.containsKey(planned.file().digest()), "the job file");
    assertTrue(market.blobs.containsKey(planned.terms().data()), "the data's description");
    assertEquals(4, market.blobs.size());
    assertEquals(new SubmissionStep.Submitted(id), steps.getLast());
  }

  @Test
  void theRefundDateLeavesTimeToSettle() throws Exception {
    PlannedJob planned = submission().plan(job.file());

    Instant earliest =
        Instant.ofEpochMilli(planned.terms().deadlineMillis())
            .plusMillis(SmallJob.NETWORK.rules().pace().settleMargin());
    assertTrue(planned.refundAt().isAfter(earliest), planned.refundAt().toString());
  }

  @Test
  void aSecondSubmissionOfTheSameFileIsAnotherJob() throws Exception {
    JobId first = submit();
    now = NOW.plusSeconds(60);
    JobId second = submit();

    assertNotEquals(first, second);
    assertEquals(2, escrow.payments);
  }

  @Test
  void aSubmissionThatDiedWhilePayingGoesOnWithoutPayingAgain() throws Exception {
    escrow.crashAfterPaying = true;
    assertThrows(LocalEscrow.Crash.class, this::submit);
    escrow.crashAfterPaying = false;
    now = NOW.plusSeconds(600);

    JobId id = submit();

    assertEquals(1, escrow.payments);
    assertEquals(Amount.of(5 * Amount.TOKEN), escrow.deposits.get(id));
    assertEquals(1, market.commands.size());
    assertTrue(steps.contains(new SubmissionStep.LookingForDeposit(id)), steps.toString());
  }

  @Test
  void aDepositThatNoBlockHoldsIsMadeAgain() throws Exception {
    escrow.crashAfterPaying = true;
    assertThrows(LocalEscrow.Crash.class, this::submit);
    escrow.crashAfterPaying = false;
    escrow.deposits.clear();

    JobId id = submit();

    assertEquals(2, escrow.payments);
    assertEquals(Amount.of(5 * Amount.TOKEN), escrow.deposits.get(id));
  }

  @Test
  void aJobThatTheMarketHasIsNotPaidForAgain() throws Exception {
    escrow.crashAfterPaying = true;
    assertThrows(LocalEscrow.Crash.class, this::submit);
    JobId id = escrow.deposits.keySet().iterator().next();
    market.jobs.put(id, submitted(id));

    assertEquals(id, submit());
    assertEquals(1, escrow.payments);
    assertEquals(List.of(), market.commands);
  }

  @Test
  void aMarketThatDoesNotSeeTheDepositStallsAndTheNextTryPaysNothing() throws Exception {
    market.blind = true;
    Stalled stalled = assertThrows(Stalled.class, this::submit);
    assertTrue(message(stalled).contains("does not see the deposit"), message(stalled));

    market.blind = false;
    submit();

    assertEquals(1, escrow.payments);
  }

  @Test
  void anUnfinishedSubmissionWhoseDeadlinePassedSaysWhereItsMoneyIs() throws Exception {
    escrow.crashAfterPaying = true;
    assertThrows(LocalEscrow.Crash.class, this::submit);
    now = NOW.plusSeconds(3_600);

    assertRefused("of the unfinished submission of", "comes back after");
    assertEquals(1, escrow.payments);
  }

  @Test
  void aNoteThatCannotBeReadIsNamed() throws Exception {
    escrow.crashAfterPaying = true;
    assertThrows(LocalEscrow.Crash.class, this::submit);
    try (Stream<Path> notes = Files.list(folder.resolve("notes"))) {
      Files.writeString(notes.findFirst().orElseThrow(), "format=shardex.submission/2\n");
    }

    assertRefused("the note of an unfinished submission", "Delete it if no deposit was made");
  }

  @Test
  void aMissingJobFileIsNamed() throws Exception {
    Files.delete(job.file());

    assertRefused("there is no job file " + job.file(), "Check the path");
    assertNothingHappened();
  }

  @Test
  void anUnknownFieldNamesTheNearest() throws Exception {
    job.with("shards: 2", "shard: 2");

    assertRefused("shards", "nothing was paid");
    assertNothingHappened();
  }

  @Test
  void aMissingDataFileIsNamed() throws Exception {
    Files.delete(job.images());

    assertRefused("expected a file, but " + job.images() + " does not exist", "nothing was paid");
    assertNothingHappened();
  }

  @Test
  void aTruncatedDataFileIsNamed() throws Exception {
    Files.write(job.images(), java.util.Arrays.copyOf(Files.readAllBytes(job.images()), 40));

    assertRefused("expected 48 bytes for 8 samples, but the file has 40", "nothing was paid");
    assertNothingHappened();
  }

  @Test
  void dataOfAnotherShapeDoesNotFitTheModel() throws Exception {
    job.writeImages(3, 2);

    assertRefused("expected 6 inputs", "nothing was paid");
    assertNothingHappened();
  }

  @Test
  void aModelThatDoesNotFitTheDataIsRefused() throws Exception {
    job.with("layers: [4, 3, 2]", "layers: [5, 3, 2]");

    assertRefused("expected 4 inputs", "nothing was paid");
    assertNothingHappened();
  }

  @Test
  void aDeadlineInThePastIsRefused() throws Exception {
    job.with("deadline: 30m", "deadline: 2026-11-22T11:59:59Z");

    assertRefused("spec.deadline: expected a time to come", "Set a later deadline");
    assertNothingHappened();
  }

  @Test
  void aBudgetBelowTheCostSaysHowMuchIsMissing() throws Exception {
    job.with("rounds: 3", "rounds: 10000").with("budget: \"5.00\"", "budget: \"0.01\"");
    PlannedJob affordable =
        submission().plan(job.with("budget: \"0.01\"", "budget: \"900\"").file());
    job.with("budget: \"900\"", "budget: \"0.01\"");

    Amount missing = affordable.leastBudget().minus(Amount.of(10_000));
    assertRefused(missing + " is missing", "Raise the budget");
    assertNothingHappened();
  }

  @Test
  void anAccountThatCannotPaySaysHowMuchIsMissing() throws Exception {
    escrow.balance = Amount.of(2 * Amount.TOKEN);

    InputRefused refused = assertThrows(InputRefused.class, this::submit);

    assertTrue(message(refused).contains("3.000000 is missing"), message(refused));
    assertNothingHappened();
  }

  private JobId submit() throws Exception {
    JobSubmission submission = submission();
    return submission.submit(submission.plan(job.file()), steps::add);
  }

  private JobSubmission submission() {
    return new JobSubmission(
        SmallJob.NETWORK, escrow, market, folder.resolve("notes"), () -> now, millis -> {});
  }

  private JobAccount submitted(JobId id) throws Exception {
    PlannedJob planned = submission().plan(job.file());
    Deposit deposit = new Deposit(SmallJob.BUILDER, 1, Digest.ZERO, 1);
    return new JobAccount(
        1,
        Job.submitted(id, deposit, planned.terms(), new Stamp(1, 0)),
        List.of(),
        Amount.ZERO,
        Amount.ZERO,
        Amount.ZERO,
        Amount.ZERO,
        new TreeMap<>());
  }

  private void assertRefused(String what, String fix) {
    InputRefused refused = assertThrows(InputRefused.class, () -> submission().plan(job.file()));
    assertTrue(message(refused).contains(what), message(refused));
    assertTrue(refused.fix().contains(fix), refused.fix());
  }

  private void assertNothingHappened() {
    assertEquals(0, escrow.payments);
    assertEquals(List.of(), market.commands);
    assertEquals(0, market.blobs.size());
    assertFalse(Files.exists(folder.resolve("notes")), "a note was left");
  }

  private static String message(Exception failure) {
    return String.valueOf(failure.getMessage());
  }
}
