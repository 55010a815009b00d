package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.Event.Failure;
import io.shardex.market.FactValue.Executed;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Account;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Standing;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Leases that leave something behind, leases that go on from it, and who answers for it. */
class CheckpointTest {
  private static final Amount STAKE = Amount.of(5 * Amount.TOKEN);
  private static final Digest FALSE_STATE = Digest.sha256(new byte[] {9});
  private static final Executed SPOILT =
      new Executed(Digest.sha256(new byte[] {1}), Digest.sha256(new byte[] {2}), Optional.empty());

  /** Nobody is on probation, and chance alone draws nothing here. */
  private final TestMarket market = TestMarket.open(Presets.withProbation(0));

  private final TestWorker first = market.asking(1).get(0);
  private final TestWorker second = market.workers(1).get(0);
  private final TestJob job = market.job("j").saved(10).open();

  /** The holder saves this and leaves; the other one has the next lease. */
  private void leaves(TestWorker holder, int step, Digest blob, boolean resumed, TestWorker next) {
    TestMarket.accepted(holder.start());
    TestMarket.accepted(holder.saves(step, blob, resumed));
    TestMarket.accepted(holder.givesUp(Failure.LEAVING));
    next.asks();
  }

  private Task task() {
    return job.task(0);
  }

  private List<Integer> offered() {
    return task().earlierCheckpoints().stream().map(Checkpoint::step).toList();
  }

  private Digest trueState(int step) {
    return market.stateAt(task().id(), step);
  }

  private Amount slashed(TestWorker of) {
    return market.state().ledger().slashedFrom(of.owner());
  }

  private Amount paid(TestWorker to) {
    return market.state().ledger().balance(Account.paid(job.id(), to.owner()));
  }

  @Test
  void whatALeaseSavedIsOfferedToTheNextOne() {
    TestMarket.accepted(first.start());
    TestMarket.accepted(first.saves(30));
    assertEquals(List.of(), task().earlierCheckpoints());
    market.pass(market.pace().checkpoint());
    TestMarket.accepted(first.saves(60));
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    assertEquals(TaskPhase.OPEN, task().phase());
    second.asks();
    Checkpoint offered = task().earlierCheckpoints().getLast();
    assertEquals(
        new Checkpoint(1, first.key(), first.owner(), 60, trueState(60), market.now()), offered);
  }

  @Test
  void aLeaseThatExpiredLeavesItsCheckpointToo() {
    TestMarket.accepted(first.start());
    TestMarket.accepted(first.saves(30));
    second.asks();
    market.pass(60_000);
    assertEquals(List.of(30), offered());
    assertEquals(1, first.worker().failed());
  }

  @Test
  void whoeverBeginsAtTheStartLeavesNothingOfTheOldCheckpoints() {
    leaves(first, 60, FALSE_STATE, false, second);
    TestMarket.accepted(second.start());
    TestMarket.accepted(second.saves(20));
    assertEquals(List.of(20), task().checkpoints().stream().map(Checkpoint::step).toList());
    TestMarket.refused(Reason.WRONG_INPUTS, staleResume(second, task()));
  }

  /** A checkpoint that claims to rest on one the market does not hold any more. */
  private Outcome staleResume(TestWorker worker, Task task) {
    market.pass(market.pace().checkpoint());
    Digest inputs =
        market
            .state()
            .inputs(task, new Checkpoint(1, first.key(), first.owner(), 60, FALSE_STATE, 0));
    return market.send(
        worker.key(),
        new Command.SaveCheckpoint(task.id(), task.fence(), 70, trueState(70), inputs));
  }

  @Test
  void aCheckpointMustBeLaterThanTheOneItRestsOn() {
    leaves(first, 60, trueState(60), false, second);
    TestMarket.accepted(second.start());
    TestMarket.refused(Reason.CHECKPOINT_STALE, second.saves(60, trueState(60), true));
    TestMarket.accepted(second.saves(61, trueState(61), true));
    assertEquals(List.of(60, 61), task().checkpoints().stream().map(Checkpoint::step).toList());
  }

  @Test
  void aCheckpointIsOfAStepBetweenTheFirstAndTheLast() {
    TestMarket.refused(Reason.WRONG_PHASE, first.saves(10));
    TestMarket.accepted(first.start());
    TestMarket.refused(Reason.MALFORMED, first.saves(0));
    TestMarket.refused(Reason.MALFORMED, first.saves(TestJob.STEPS));
    TestMarket.accepted(first.saves(TestJob.STEPS - 1));
  }

  @Test
  void nobodySavesAnothersShardOrOneThatIsOver() {
    Task task = task();
    TestMarket.accepted(first.start());
    market.refuse(
        Reason.NO_LEASE,
        second.key(),
        new Command.SaveCheckpoint(task.id(), 1, 10, FALSE_STATE, second.inputs(task, false)));
    TestMarket.accepted(first.commit());
    market.refuse(
        Reason.WRONG_PHASE,
        first.key(),
        new Command.SaveCheckpoint(task.id(), 1, 10, FALSE_STATE, first.inputs(task, false)));
    market.refuse(
        Reason.WRONG_PHASE, first.key(), new Command.GiveUpLease(task.id(), 1, Failure.LEAVING));
  }

  @Test
  void anAuditHasNoCheckpoints() {
    leaves(first, 60, trueState(60), false, second);
    TestWorker auditor = market.auditor();
    TestMarket.accepted(second.start());
    TestMarket.accepted(second.commitsResumed(second.truth()));
    market.draws();
    TestMarket.accepted(auditor.start());
    TestMarket.refused(Reason.WRONG_PHASE, auditor.saves(10));
  }

  @Test
  void onlyAWorkersOwnWordGivesUpALease() {
    TestMarket.refused(Reason.MALFORMED, first.givesUp(Failure.RESULT_MISSING));
    TestMarket.accepted(first.givesUp(Failure.INPUTS_UNUSABLE));
    assertEquals(1, first.worker().failed());
    assertTrue(first.worker().ask().isEmpty());
    assertTrue(first.worker().notBeforeMillis() > market.now());
  }

  @Test
  void whoLeavesSomethingBehindIsNotCountedAsFailing() {
    leaves(first, 60, trueState(60), false, second);
    assertEquals(0, first.worker().failed());
    assertTrue(first.worker().ask().isEmpty());
    TestMarket.accepted(second.givesUp(Failure.LEAVING));
    assertEquals(1, second.worker().failed());
  }

  // Who answers for a false result.

  @Test
  void aResultThatRestsOnAnotherOwnersWordIsAlwaysAuditedByAThird() {
    leaves(first, 60, trueState(60), false, second);
    TestMarket.accepted(second.start());
    // The author of the checkpoint may not confirm its own word.
    market.pass(market.pace().cooldown());
    first.asks();
    TestWorker third = market.auditor();
    TestMarket.accepted(second.commitsResumed(second.truth()));
    List<Event> events = market.draws();
    Event.AuditDrawn drawn = TestMarket.only(Event.AuditDrawn.class, events).get(0);
    assertEquals(DrawCause.RESUMED, drawn.cause());
    assertEquals(Optional.of(third.key()), drawn.auditor());
    market.finishAudits();
    market.finishRound();
    assertEquals(Amount.of(7_840), paid(second));
    assertEquals(Amount.ZERO, paid(first));
  }

  @Test
  void aJobWithoutAuditsTrustsCheckpointsAsItTrustsResults() {
    TestMarket trusting = TestMarket.open();
    TestWorker one = trusting.asking(1).get(0);
    TestWorker other = trusting.workers(1).get(0);
    TestJob plain = trusting.job("plain").saved(10).audit(0).open();
    TestMarket.accepted(one.start());
    TestMarket.accepted(one.saves(60));
    TestMarket.accepted(one.givesUp(Failure.LEAVING));
    other.asks();
    TestMarket.accepted(other.start());
    TestMarket.accepted(other.commitsResumed(other.truth()));
    trusting.draws();
    assertEquals(ResultPhase.SPARED, plain.result(1, 0, 2).phase());
  }

  @Test
  void whoResumesFromAFalseCheckpointIsNotPaidAndOnlyItsAuthorIsSlashed() {
    leaves(first, 60, FALSE_STATE, false, second);
    Event.DisputeSettled settled = disputed(SPOILT);
    assertTrue(settled.misled() && !settled.workerLied());
    assertEquals(STAKE, slashed(first));
    assertEquals(Amount.ZERO, slashed(second));
    assertEquals(new Standing(0, 1, 0), market.state().standing(first.owner()));
    assertEquals(ResultPhase.REFUTED, job.result(1, 0, 2).phase());
    market.finishRound();
    assertEquals(Amount.ZERO, paid(second));
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
  }

  @Test
  void whoLiesAfterATrueCheckpointIsSlashedItself() {
    leaves(first, 60, trueState(60), false, second);
    Event.DisputeSettled settled = disputed(SPOILT);
    assertTrue(settled.workerLied() && !settled.misled());
    assertEquals(Amount.ZERO, slashed(first));
    assertEquals(STAKE, slashed(second));
  }

  @Test
  void ofAChainOfCheckpointsWhoBrokeItIsSlashed() {
    leaves(first, 30, trueState(30), false, second);
    TestWorker third = market.workers(1).get(0);
    leaves(second, 60, FALSE_STATE, true, third);
    TestMarket.accepted(third.start());
    disputed(third, SPOILT);
    assertEquals(Amount.ZERO, slashed(first));
    assertEquals(STAKE, slashed(second));
    assertEquals(Amount.ZERO, slashed(third));
  }

  @Test
  void aTrueCheckpointAfterAFalseOneClearsWhatCameBefore() {
    leaves(first, 30, FALSE_STATE, false, second);
    TestWorker third = market.workers(1).get(0);
    leaves(second, 60, trueState(60), true, third);
    TestMarket.accepted(third.start());
    disputed(third, SPOILT);
    assertEquals(Amount.ZERO, slashed(first));
    assertEquals(STAKE, slashed(third));
  }

  /** Commits to this, resumed; there is nobody to audit it, so the validators execute. */
  private Event.DisputeSettled disputed(Executed said) {
    TestMarket.accepted(second.start());
    return disputed(second, said);
  }

  private Event.DisputeSettled disputed(TestWorker worker, Executed said) {
    TestMarket.accepted(worker.commitsResumed(said));
    List<Event> events = market.draws();
    assertEquals(
        DisputeCause.NO_AUDITOR, TestMarket.only(Event.DisputeOpened.class, events).get(0).cause());
    List<Event> found = market.agree(Fact.Dispute.class::isInstance);
    return TestMarket.only(Event.DisputeSettled.class, found).get(0);
  }

  @Test
  void validatorsSayHowEachCheckpointShouldHaveBeen() {
    leaves(first, 60, trueState(60), false, second);
    TestMarket.accepted(second.start());
    TestMarket.accepted(second.commitsResumed(second.truth()));
    market.draws();
    Fact dispute = new Fact.Dispute(new TaskId(job.id(), 1, 0, 2));
    market.refuse(Reason.WRONG_VALUE, Parties.validator(0), new Command.Attest(dispute, 0, SPOILT));
  }

  @Test
  void whatAWorkerBeganWithIsPartOfItsWord() {
    leaves(first, 60, trueState(60), false, second);
    assertNotEquals(second.inputs(task(), true), second.inputs(task(), false));
    TestMarket.accepted(second.start());
    TestMarket.accepted(second.commit());
    assertEquals(List.of(), job.result(1, 0, 2).claim().checkpoints());
  }

  @Test
  void termsWithCheckpointsCloserThanTheRulesAllowAreRefused() {
    long least = market.pace().checkpoint();
    refused(Execution.REFERENCE.saved(new CheckpointEvery.Time(least - 1)));
    TestJob allowed = market.job("allowed");
    allowed.executed(Execution.REFERENCE.saved(new CheckpointEvery.Time(least)));
    TestMarket.accepted(allowed.deposited().trySubmit());
  }

  @Test
  void aCommandHasNoCheckpoints() {
    Execution saved = Execution.COMMAND.saved(new CheckpointEvery.Steps(1));
    TestMarket.refused(
        Reason.MALFORMED, market.job("command").unproven(saved).deposited().trySubmit());
  }

  private void refused(Execution execution) {
    TestMarket.refused(
        Reason.MALFORMED, market.job("close").executed(execution).deposited().trySubmit());
  }
}
