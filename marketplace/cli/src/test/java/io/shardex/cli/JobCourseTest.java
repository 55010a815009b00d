package io.shardex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.cli.RoundView.Score;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.ResourceClass;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.client.ShardProgress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JobCourseTest {
  private static final JobId JOB = new JobId(new Digest(1, 2, 3, 4));
  private static final Digest MODEL = new Digest(5, 6, 7, 8);
  private static final Digest OTHER_MODEL = new Digest(6, 7, 8, 9);
  private static final Address WORKER = SmallJob.address(21);
  private static final Address OWNER = SmallJob.address(31);
  private static final UnitPrice PRICE = new UnitPrice(5_500_000_000L);
  private static final JobTerms TERMS =
      new JobTerms(
          "small",
          new ResourceClass("cpu"),
          64,
          2,
          2,
          new WorkUnits(1),
          313,
          PRICE,
          1,
          new PartsPerMillion(50_000),
          true,
          Digest.ZERO);
  private static final Ending DONE = new Ending(Ending.Cause.ALL_ROUNDS_DONE, "2 rounds");

  private final JobCourse course = new JobCourse(JOB, 2, 2);
  private long index;

  @Test
  void aJobNobodyHeardOfHasNoPhase() {
    assertEquals(Optional.empty(), course.view().phase());
    assertFalse(course.view().ended());
  }

  @Test
  void aShardIsOpenThenLeasedThenCommittedThenVerified() {
    hear(new Event.JobFunded(JOB, MODEL), new Event.RoundOpened(JOB, 1));
    assertEquals(TaskPhase.OPEN, shard(0).phase());

    hear(lease(1, 0));
    assertEquals(TaskPhase.LEASED, shard(0).phase());
    assertEquals(Optional.of(WORKER), shard(0).worker());
    assertEquals(Optional.of(JobPhase.RUNNING), course.view().phase());
    assertEquals(Optional.of(PRICE), course.view().price());

    hear(new Event.ResultCommitted(task(1, 0), 1, MODEL, MODEL, false));
    assertEquals(1.0, shard(0).done());
    assertEquals(0, course.view().shardsDone());

    hear(verified(1, 0, 98, 2));
    assertEquals(1, course.view().shardsDone());
    assertEquals(Amount.of(98), course.view().paid());
    assertEquals(Amount.of(100), course.view().spent());
    assertEquals(0.5, course.view().roundDone());
  }

  @Test
  void aFailedLeaseOpensTheShardAndOnlyABadResultIsARejection() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0), lease(1, 1));
    hear(
        new Event.LeaseFailed(task(1, 0), 1, WORKER, Event.Failure.EXPIRED),
        new Event.LeaseFailed(task(1, 1), 1, WORKER, Event.Failure.RESULT_MALFORMED));

    assertEquals(TaskPhase.OPEN, shard(0).phase());
    assertEquals(Optional.empty(), shard(0).worker());
    assertEquals(1, course.view().rejected());
  }

  @Test
  void aClosedRoundWaitsForItsScore() {
    closeRound(1);
    assertFalse(course.view().scored());
    assertEquals(OptionalDouble.empty(), course.view().accuracy());

    course.scored(MODEL, new Score.Tested(0.9, 0.4));

    assertTrue(course.view().scored());
    assertEquals(OptionalDouble.of(0.9), course.view().accuracy());
    assertEquals(0.25, course.view().closed().getFirst().loss());
  }

  @Test
  void aWholeJobEndsAndSettles() {
    hear(new Event.JobFunded(JOB, MODEL));
    closeRound(1);
    closeRound(2);
    hear(new Event.JobEnded(JOB, JobPhase.COMPLETED, DONE, Amount.of(50)));

    assertTrue(course.view().ended());
    assertEquals(4, course.view().verified());
    assertEquals(Optional.of(Amount.of(50)), course.view().refund());
    assertFalse(course.view().settled());

    hear(new Event.JobSettled(JOB));
    assertTrue(course.view().settled());
  }

  @Test
  void agentsMoveOnlyTheShardsTheyHold() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0), lease(1, 1));

    assertTrue(course.progressed(List.of(said(1, 0, WORKER, 20), said(1, 1, OWNER, 20))));
    assertEquals(0.5, shard(0).done());
    assertEquals(0.0, shard(1).done());
    assertFalse(course.progressed(List.of(said(1, 0, WORKER, 20))), "nothing new");
  }

  @Test
  void wordsOfAnEarlierRoundChangeNothing() {
    hear(new Event.RoundOpened(JOB, 2), lease(2, 0));

    assertFalse(course.progressed(List.of(said(1, 0, WORKER, 20))));
  }

  @Test
  void aPausedJobNamesThePrice() {
    hear(new Event.JobPaused(JOB, new UnitPrice(9)));

    assertEquals(Optional.of(JobPhase.PAUSED), course.view().phase());
    assertEquals(Optional.of(new UnitPrice(9)), course.view().price());
  }

  @Test
  void aRefutedShardIsRejectedAndTheValidatorsResultTakesItsPlaceUnpaid() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0), lease(1, 1));
    hear(new Event.ResultCommitted(task(1, 0), 1, MODEL, MODEL, false));
    TaskId audit = task(1, 0).audit(1);

    hear(new Event.DisputeOpened(audit, Event.DisputeCause.UNEQUAL));
    assertEquals(TaskPhase.DISPUTED, shard(0).phase());
    assertEquals(1.0, shard(0).done());
    assertEquals(TaskPhase.LEASED, shard(1).phase());
    assertEquals(0, course.view().shardsDone());

    hear(new Event.ResultRefuted(audit, OTHER_MODEL, Optional.empty()));
    assertEquals(TaskPhase.COMMITTED, shard(0).phase());
    assertEquals(1, course.view().rejected());

    hear(new Event.ShardReplaced(task(1, 0)));
    assertEquals(TaskPhase.VERIFIED, shard(0).phase());
    assertEquals(1, course.view().verified());
    assertEquals(1, course.view().shardsDone());
    assertEquals(Amount.ZERO, course.view().spent());
  }

  @Test
  void aDisputedShardWhoseResultIsTrueIsCommittedAgain() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0));
    hear(new Event.DivergenceCommitted(task(1, 0), 1, 7, MODEL, false));
    assertEquals(TaskPhase.COMMITTED, shard(0).phase());

    hear(new Event.DisputeOpened(task(1, 0).audit(1), Event.DisputeCause.NO_AUDITOR));
    hear(new Event.ResultProved(task(1, 0).audit(1)));

    assertEquals(TaskPhase.COMMITTED, shard(0).phase());
    assertEquals(0, course.view().rejected());
  }

  @Test
  void auditsArePaidByTheJobAndExecutionsOutOfItsFees() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0), verified(1, 0, 98, 2));

    hear(
        new Event.AuditPaid(task(1, 0).audit(1), OWNER, new FeeSplit(Amount.of(49), Amount.of(1))));
    assertEquals(Amount.of(147), course.view().paid());
    assertEquals(Amount.of(3), course.view().fees());

    hear(new Event.ExecutionPaid(JOB, OWNER, Amount.of(2)));
    assertEquals(Amount.of(149), course.view().paid());
    assertEquals(Amount.of(1), course.view().fees());
    assertEquals(Amount.of(150), course.view().spent());
    assertEquals(1, course.view().verified());
  }

  @Test
  void payForALieOfAClosedRoundComesBackWithItsFeeAsFarAsThereIsOne() {
    closeRound(1);

    hear(reversed(task(1, 0).audit(1), 98, 2));
    assertEquals(Amount.of(98), course.view().paid());
    assertEquals(Amount.of(2), course.view().fees());
    assertEquals(Optional.empty(), course.view().refund());

    hear(new Event.ExecutionPaid(JOB, WORKER, Amount.of(1)));
    hear(reversed(task(1, 1).audit(1), 98, 2));
    assertEquals(Amount.of(1), course.view().paid());
    assertEquals(Amount.ZERO, course.view().fees());
  }

  @Test
  void payThatComesBackAfterTheEndIsRefunded() {
    closeRound(1);
    closeRound(2);
    hear(new Event.JobEnded(JOB, JobPhase.COMPLETED, DONE, Amount.of(50)));

    hear(reversed(task(1, 0).audit(1), 98, 2));

    assertEquals(Optional.of(Amount.of(150)), course.view().refund());
    assertEquals(Amount.of(300), course.view().spent());
  }

  @Test
  void aRollbackTakesRoundsAndTheirShardsAwayAndKeepsWhatWasPaid() {
    closeRound(1);
    closeRound(2, OTHER_MODEL);
    hear(new Event.RoundTainted(JOB, 2, OWNER));
    assertEquals(4, course.view().verified());

    hear(new Event.JobRolledBack(JOB, 2, Amount.of(200)), new Event.RoundOpened(JOB, 2));

    assertEquals(List.of(1), course.view().closed().stream().map(RoundView::round).toList());
    assertEquals(2, course.view().verified());
    assertEquals(2, course.view().round());
    assertEquals(TaskPhase.OPEN, shard(0).phase());
    assertEquals(Amount.of(400), course.view().spent());

    hear(new Event.JobRolledBack(JOB, 1, Amount.of(400)), new Event.RoundOpened(JOB, 1));
    assertEquals(List.of(), course.view().closed());
    assertEquals(0, course.view().verified());
  }

  @Test
  void aRoundTrainedAgainToTheSameModelHasItsScoreAndAnotherModelWaitsForOne() {
    closeRound(1);
    closeRound(2, OTHER_MODEL);
    course.scored(MODEL, new Score.Tested(0.9, 0.4));
    course.scored(OTHER_MODEL, new Score.Tested(0.8, 0.4));
    hear(new Event.JobRolledBack(JOB, 1, Amount.of(400)));

    closeRound(1);
    assertEquals(OptionalDouble.of(0.9), course.view().accuracy());

    closeRound(2, new Digest(9, 9, 9, 9));
    assertFalse(course.view().scored());
  }

  @Test
  void anAuditOfAResultThatItsShardHasNoMoreMovesNoShard() {
    closeRound(1);
    hear(new Event.JobRolledBack(JOB, 1, Amount.of(200)), new Event.RoundOpened(JOB, 1));
    TaskId old = task(1, 0).audit(1);

    hear(new Event.DisputeOpened(old, Event.DisputeCause.UNEQUAL));
    assertEquals(TaskPhase.OPEN, shard(0).phase());

    hear(lease(1, 0, 2));
    hear(new Event.ResultProved(old));
    assertEquals(TaskPhase.LEASED, shard(0).phase());
    hear(new Event.ResultRefuted(old, MODEL, Optional.empty()));
    assertEquals(TaskPhase.LEASED, shard(0).phase());
    assertEquals(1, course.view().rejected());

    hear(new Event.ResultCommitted(task(1, 0), 2, MODEL, MODEL, false));
    hear(new Event.DisputeOpened(task(1, 0).audit(2), Event.DisputeCause.UNEQUAL));
    assertEquals(TaskPhase.DISPUTED, shard(0).phase());
  }

  @Test
  void anAuditsLeaseNeitherMovesAShardNorWakesAJob() {
    hear(new Event.RoundOpened(JOB, 1), lease(1, 0), new Event.JobPaused(JOB, new UnitPrice(9)));

    hear(audit(1, 1));

    assertEquals(TaskPhase.OPEN, shard(1).phase());
    assertEquals(Optional.of(JobPhase.PAUSED), course.view().phase());
    assertEquals(Optional.of(new UnitPrice(9)), course.view().price());

    hear(new Event.JobEnded(JOB, JobPhase.COMPLETED, DONE, Amount.of(50)), audit(1, 0));
    assertTrue(course.view().ended());
  }

  @Test
  void afterAGapRoundsThatWereTrainedAgainAreTheNewOnesWithTheScoresThatAreKnown() {
    closeRound(1);
    closeRound(2, OTHER_MODEL);
    course.scored(MODEL, new Score.Tested(0.9, 0.4));
    course.scored(OTHER_MODEL, new Score.Tested(0.8, 0.4));
    Digest third = new Digest(9, 9, 9, 9);

    course.resync(account(index, 2, List.of(Digest.ZERO, third, MODEL), List.of()));
    assertEquals(
        List.of(third, MODEL), course.view().closed().stream().map(RoundView::model).toList());
    assertEquals(
        List.of(new Score.Pending(), new Score.Tested(0.9, 0.4)),
        course.view().closed().stream().map(RoundView::score).toList());

    course.resync(account(index, 2, List.of(Digest.ZERO, third), List.of()));
    assertEquals(List.of(third), course.view().closed().stream().map(RoundView::model).toList());
  }

  @Test
  void afterAGapADisputeIsOfTheResultThatTheStateKnows() {
    Task committed =
        new Task(task(2, 1), TaskPhase.COMMITTED, 3, Optional.empty(), Optional.empty(), List.of());
    course.resync(account(10, 2, List.of(Digest.ZERO, MODEL), List.of(committed)));

    course.heard(
        11, List.of(new Event.DisputeOpened(task(2, 1).audit(2), Event.DisputeCause.UNEQUAL)));
    assertEquals(TaskPhase.COMMITTED, shard(1).phase());
    course.heard(
        12, List.of(new Event.DisputeOpened(task(2, 1).audit(3), Event.DisputeCause.UNEQUAL)));
    assertEquals(TaskPhase.DISPUTED, shard(1).phase());
  }

  private static Event reversed(TaskId audit, long pay, long fee) {
    return new Event.PayReversed(audit, OWNER, new FeeSplit(Amount.of(pay), Amount.of(fee)));
  }

  /** A job in this round with these models, the first one's included. */
  private static JobAccount account(
      long stateIndex, int round, List<Digest> models, List<Task> tasks) {
    Job job =
        new Job(
            JOB,
            new Deposit(SmallJob.BUILDER, 1, Digest.ZERO, 1),
            TERMS,
            new Stamp(1, 0),
            JobPhase.RUNNING,
            round,
            models,
            Collections.nCopies(models.size() - 1, Double.doubleToRawLongBits(0.25)),
            Optional.empty(),
            0,
            false,
            new Job.Doubt(Job.LastDraw.NOT_YET, 0, List.of(), List.of()));
    return new JobAccount(
        stateIndex,
        job,
        tasks,
        Amount.ZERO,
        Amount.ZERO,
        Amount.of(6),
        Amount.ZERO,
        new TreeMap<>(Map.of(OWNER, Amount.of(294))));
  }

  private void closeRound(int round) {
    closeRound(round, MODEL);
  }

  private void closeRound(int round, Digest model) {
    hear(new Event.RoundOpened(JOB, round), lease(round, 0), lease(round, 1));
    hear(verified(round, 0, 98, 2), verified(round, 1, 98, 2));
    hear(new Event.RoundClosed(JOB, round, model, Double.doubleToRawLongBits(0.25)));
  }

  private void hear(Event... events) {
    course.heard(index++, List.of(events));
  }

  private ShardView shard(int shard) {
    return course.view().shards().get(shard);
  }

  private static TaskId task(int round, int shard) {
    return new TaskId(JOB, round, shard);
  }

  private static Event lease(int round, int shard) {
    return lease(round, shard, 1);
  }

  private static Event lease(int round, int shard, long fence) {
    return new Event.LeaseGranted(
        task(round, shard), fence, WORKER, OWNER, PRICE, Amount.of(200), 9);
  }

  private static Event audit(int round, int shard) {
    return new Event.LeaseGranted(
        task(round, shard).audit(1), 1, WORKER, OWNER, PRICE, Amount.ZERO, 9);
  }

  private static Event verified(int round, int shard, long pay, long fee) {
    return new Event.ShardVerified(
        task(round, shard), OWNER, new FeeSplit(Amount.of(pay), Amount.of(fee)));
  }

  private static ShardProgress said(int round, int shard, Address worker, int step) {
    return new ShardProgress(task(round, shard), 1, worker, step, 40, 0.5);
  }

  @Test
  void afterAGapTheStateCountsAndItsEventsAreNotCountedTwice() {
    closeRound(1);
    long stateIndex = index + 10;
    Task verified =
        new Task(task(2, 1), TaskPhase.VERIFIED, 1, Optional.empty(), Optional.empty(), List.of());
    course.resync(account(stateIndex, 2, List.of(MODEL, MODEL), List.of(verified)));

    course.heard(stateIndex, List.of(verified(2, 1, 98, 2)));

    assertEquals(3, course.view().verified());
    assertEquals(Amount.of(300), course.view().spent());
    assertEquals(1, course.view().closed().size());
    assertEquals(TaskPhase.VERIFIED, shard(1).phase());

    course.heard(stateIndex + 1, List.of(verified(2, 0, 98, 2)));
    assertEquals(4, course.view().verified());
  }
}
