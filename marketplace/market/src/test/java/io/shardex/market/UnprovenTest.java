package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Standing;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Jobs whose results cannot be proven, and pay by time. */
class UnprovenTest {
  private static final long SHARD_MILLIS = 1_000;
  private static final Amount SHARD_PAY = Amount.of(8_000);

  /** Results stay in the state for a minute after their job's end. */
  private final TestMarket market = TestMarket.open(Presets.auditedWithVest(60_000));

  private TestWorker worker(RuntimeKind... runtimes) {
    return market.workers(1).get(0).offers(runtimes);
  }

  private TestWorker sandbox() {
    return worker(RuntimeKind.SANDBOX);
  }

  private TestJob command(String name) {
    return market.job(name).unproven(Execution.COMMAND);
  }

  // Nothing is drawn.

  @Test
  void aResultStandsWhenTheBeaconHasPassedThoughItsOwnerIsNew() {
    TestWorker worker = sandbox();
    market.auditor();
    TestJob job = command("c").open();
    worker.works();
    assertEquals(ResultPhase.WAITING, job.phaseOf(0));
    assertFalse(market.state().facts().containsKey(job.roundModel()));
    List<Event> events = market.draws();
    assertEquals(
        List.of(new Event.ProofWaived(job.result(0).id())),
        TestMarket.only(Event.OfAudit.class, events));
    assertEquals(ResultPhase.UNPROVEN, job.phaseOf(0));
    assertTrue(market.state().facts().containsKey(job.roundModel()));
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertFalse(market.seen().contains(Event.LastDrawAwaited.class));
  }

  @Test
  void aBrokenBeaconMakesNoAuditOfIt() {
    TestWorker worker = sandbox();
    market.auditor();
    TestJob job = command("c").open();
    market.withholds(Parties.validator(2));
    worker.works();
    market.draws();
    assertTrue(market.seen().contains(Event.BeaconLeft.class));
    assertEquals(ResultPhase.UNPROVEN, job.phaseOf(0));
    assertFalse(market.seen().contains(Event.AuditDrawn.class));
  }

  @Test
  void itsValueIsNotAtRiskAndItIsNoHistory() {
    TestWorker worker = worker(RuntimeKind.values());
    TestWorker auditor = market.auditor();
    TestJob job = command("c").shards(3).open();
    for (int shard = 0; shard < 3; shard++) {
      worker.works();
    }
    market.draws();
    assertEquals(0, market.state().unauditedResults(worker.owner()));
    market.finishRound();
    assertEquals(JobPhase.COMPLETED, job.phase());
    assertEquals(3, worker.worker().verified());
    assertEquals(new Standing(0, 0, 0), market.state().standing(worker.owner()));

    auditor.offers(RuntimeKind.REFERENCE);
    TestJob proven = market.job("t").open();
    worker.works();
    assertEquals(
        Event.DrawCause.PROBATION,
        TestMarket.only(Event.AuditDrawn.class, market.draws()).get(0).cause());
    assertEquals(ResultPhase.DRAWN, proven.phaseOf(0));
  }

  @Test
  void aLieThatIsProvenElsewhereDoesNotShakeIt() {
    TestWorker liar = worker(RuntimeKind.values());
    market.auditor();
    TestJob job = command("c").open();
    liar.works();
    market.finishRound();
    assertEquals(JobPhase.COMPLETED, job.phase());
    TestJob proven = market.job("t").open();
    FactValue.Executed truth = liar.truth();
    liar.works(new FactValue.Executed(truth.root(), Digest.sha256(new byte[1]), Optional.empty()));
    market.finishAudits();
    assertEquals(ResultPhase.REFUTED, proven.phaseOf(0));
    assertEquals(1, market.state().standing(liar.owner()).lies());
    assertEquals(ResultPhase.UNPROVEN, job.phaseOf(0));
    assertFalse(job.result(0).mayBeDrawn());
  }

  @Test
  void oneThatWaitsForItsBeaconWhenItsOwnerIsCaughtIsStillNotDrawn() {
    TestWorker liar = worker(RuntimeKind.values());
    TestWorker second = sandbox();
    market.auditor();
    TestJob proven = market.job("t").open();
    FactValue.Executed truth = liar.truth();
    liar.works(new FactValue.Executed(truth.root(), Digest.sha256(new byte[1]), Optional.empty()));
    market.draws();
    TestJob job = command("c").open();
    second.works();
    market.finishAudits();
    assertEquals(ResultPhase.REFUTED, proven.phaseOf(0));
    assertEquals(ResultPhase.UNPROVEN, job.phaseOf(0));
  }

  @Test
  void anUnusableResultIsRefusedAsAnyOther() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    Task task = job.task(0);
    worker.fails();
    assertEquals(TaskPhase.OPEN, job.task(0).phase());
    assertTrue(market.state().resultOf(task).isEmpty());
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  // Money.

  @Test
  void oneCostIsHeldForAShardAndNotTwo() {
    sandbox();
    TestJob job = command("c");
    Amount cost = job.terms().limit().ceilCost(job.terms().shardWork());
    assertEquals(cost, job.terms().hold());
    assertEquals(Amount.ZERO, job.terms().auditHold());
    assertEquals(cost.times(2), market.job("t").terms().hold());
    assertEquals(cost, job.terms().leastBudget());
    assertEquals(cost, job.terms().fullBudget());
    job.fundedExactly(cost).open();
    assertEquals(1, job.tasks(TaskPhase.LEASED).size());
    assertEquals(cost, market.state().ledger().balance(Account.of(Kind.HELD, job.id())));
  }

  @Test
  void timeIsPaidFromTheStartToTheResult() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    // Staging: the lease is granted, but not started.
    market.jump(700);
    TestMarket.accepted(worker.start());
    market.jump(250);
    TestMarket.accepted(worker.commit());
    assertEquals(Amount.of(2_000), job.result(0).claim().gross());
    market.jump(300);
    market.finishRound();
    assertEquals(Amount.of(2_000), Invariants.spent(market.state(), job.id()));
    assertEquals(
        Amount.of(10 * Amount.TOKEN - 2_000),
        market.state().ledger().balance(Account.of(Kind.REFUNDED, job.id())));
  }

  @Test
  void noMoreIsPaidThanTheTermsSay() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    TestMarket.accepted(worker.start());
    market.pass(5 * SHARD_MILLIS);
    TestMarket.accepted(worker.commit());
    assertEquals(SHARD_PAY, job.result(0).claim().gross());
  }

  @Test
  void aPartOfAWorkUnitAndOfABaseUnitIsNotPaid() {
    TestWorker worker = sandbox();
    // A millisecond is 8,000 WU, and at this price 10^5 base units a tera-WU.
    TestJob job = command("c").work(3_333).open();
    TestMarket.accepted(worker.start());
    market.jump(1);
    TestMarket.accepted(worker.commit());
    assertEquals(Amount.of(3), job.result(0).claim().gross());
  }

  @Test
  void aLeaseThatWasNeverStartedIsPaidNothing() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    market.jump(500);
    TestMarket.accepted(worker.commit());
    assertEquals(Amount.ZERO, job.result(0).claim().gross());
    market.finishRound();
    assertEquals(JobPhase.COMPLETED, job.phase());
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  @Test
  void aSecondStartDoesNotMoveTheFirst() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    TestMarket.accepted(worker.start());
    market.jump(250);
    TestMarket.accepted(worker.start());
    market.jump(250);
    TestMarket.accepted(worker.commit());
    assertEquals(Amount.of(4_000), job.result(0).claim().gross());
  }

  @Test
  void aModelThatIsNotProvenIsPaidByItsWork() {
    TestWorker worker = worker(RuntimeKind.TORCH);
    TestJob job = market.job("m").unproven(Execution.TORCH).open();
    TestMarket.accepted(worker.start());
    market.jump(1);
    TestMarket.accepted(worker.commit());
    assertEquals(SHARD_PAY, job.result(0).claim().gross());
  }

  @Test
  void roundsOfABuildersOwnModelCloseWithoutAudits() {
    TestWorker worker = worker(RuntimeKind.TORCH);
    market.auditor();
    TestJob job = market.job("m").unproven(Execution.TORCH).rounds(2).shards(2).open();
    for (int result = 0; result < 4; result++) {
      worker.works();
      if (result % 2 == 1) {
        market.finishRound();
      }
    }
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertFalse(market.seen().contains(Event.AuditDrawn.class));
    assertEquals(Amount.of(4 * SHARD_PAY.units()), Invariants.spent(market.state(), job.id()));
  }

  @Test
  void aModelThatIsNotProvenMayBeGoneOnWithAndNobodyAnswersForACheckpoint() {
    TestWorker first = worker(RuntimeKind.TORCH);
    market.auditor();
    TestJob job = market.job("m").unproven(Execution.TORCH).saved(10).open();
    TestMarket.accepted(first.start());
    TestMarket.accepted(first.saves(60, Digest.sha256(new byte[] {9}), false));
    TestMarket.accepted(first.givesUp(Event.Failure.LEAVING));
    TestWorker second = worker(RuntimeKind.TORCH);
    TestMarket.accepted(second.start());
    TestMarket.accepted(second.commitsResumed(second.truth()));
    assertTrue(job.result(1, 0, 2).claim().restsOnAnother());
    List<Event> events = market.draws();
    assertEquals(
        List.of(new Event.ProofWaived(job.result(1, 0, 2).id())),
        TestMarket.only(Event.OfAudit.class, events));
    market.finishRound();
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertFalse(market.seen().contains(Event.DisputeOpened.class));
    assertEquals(new Standing(0, 0, 0), market.state().standing(first.owner()));
    assertEquals(
        SHARD_PAY.minus(Amount.of(160)),
        market.state().ledger().balance(Account.paid(job.id(), second.owner())));
    assertEquals(
        Amount.ZERO, market.state().ledger().balance(Account.paid(job.id(), first.owner())));
  }

  @Test
  void aLeaseThatOverrunsItsDeadlineExpires() {
    TestWorker worker = sandbox();
    TestJob job = command("c").open();
    TestMarket.accepted(worker.start());
    market.pass(30_000 + 20 * SHARD_MILLIS);
    assertTrue(market.seen().contains(Event.LeaseFailed.class));
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  // Who runs it.

  @Test
  void aWorkerIsLeasedOnlyWhatItOffersToRun() {
    TestWorker trainer = market.asking(1).get(0);
    TestJob job = command("c").open();
    assertTrue(trainer.task().isEmpty());
    TestWorker torch = worker(RuntimeKind.TORCH);
    assertTrue(torch.task().isEmpty());
    TestWorker sandbox = sandbox();
    assertEquals(job.task(0).id(), sandbox.task().orElseThrow().id());

    // An older command in the way blocks no training, and no sandbox trains.
    command("d").open();
    TestJob training = market.job("t").open();
    assertEquals(training.id(), trainer.task().orElseThrow().id().job());
  }

  @Test
  void aNewAskReplacesWhatTheOldOneOffered() {
    TestWorker worker = worker(RuntimeKind.values());
    worker.offers(RuntimeKind.REFERENCE);
    TestJob job = command("c").open();
    assertEquals(1, job.tasks(TaskPhase.OPEN).size());
    worker.offers(RuntimeKind.SANDBOX);
    assertEquals(1, job.tasks(TaskPhase.LEASED).size());
  }

  @Test
  void whoDoesNotTrainIsNotDrawnAsAnAuditor() {
    TestWorker trainer = market.asking(1).get(0);
    worker(RuntimeKind.SANDBOX, RuntimeKind.TORCH);
    TestJob job = market.job("t").open();
    trainer.works();
    Event.AuditDrawn drawn = TestMarket.only(Event.AuditDrawn.class, market.draws()).get(0);
    assertTrue(drawn.auditor().isEmpty());
    assertEquals(ResultPhase.DISPUTED, job.phaseOf(0));
  }

  @Test
  void aCommandThatNeedsTheInternetGoesOnlyToWhoAllowsThat() {
    TestWorker closed = sandbox();
    TestJob job = market.job("c").unproven(Execution.COMMAND_ONLINE).open();
    assertEquals(1, job.tasks(TaskPhase.OPEN).size());
    assertEquals(0, job.tasks(TaskPhase.LEASED).size());

    TestWorker open = worker(RuntimeKind.SANDBOX_ONLINE);
    assertEquals(1, job.tasks(TaskPhase.LEASED).size());
    open.works();
    market.draws();
    assertEquals(ResultPhase.UNPROVEN, job.phaseOf(0));

    command("p").open();
    assertTrue(closed.task().isPresent());
    assertTrue(open.task().isEmpty());
  }

  @Test
  void theNumbersOfRuntimesAreForEver() {
    assertEquals(
        List.of("REFERENCE", "TORCH", "SANDBOX", "SANDBOX_ONLINE"),
        List.of(RuntimeKind.values()).stream().map(RuntimeKind::name).toList());
  }

  // What is refused.

  @Test
  void termsThatContradictThemselvesAreRefused() {
    refused("an audit share", command("a").audit(1));
    refused("a roll-back", command("b").rollsBack());
    refused("no audits of proven work", market.job("c").audit(0));
    for (RuntimeKind runtime : RuntimeKind.values()) {
      for (Execution.Determinism determinism : Execution.Determinism.values()) {
        for (Execution.Billing billing : Execution.Billing.values()) {
          Execution execution = new Execution(runtime, determinism, billing, Optional.empty());
          if (!VALID.contains(execution)) {
            TestJob job = market.job("x" + runtime + determinism + billing);
            refused(
                execution.toString(),
                execution.isProvable() ? job.executed(execution) : job.unproven(execution));
          }
        }
      }
    }
  }

  private static final Set<Execution> VALID =
      Set.of(Execution.REFERENCE, Execution.TORCH, Execution.COMMAND, Execution.COMMAND_ONLINE);

  private static void refused(String why, TestJob job) {
    Outcome outcome = job.deposited().trySubmit();
    TestMarket.refused(Reason.MALFORMED, outcome);
    assertFalse(why.isEmpty());
  }

  @Test
  void anAskForNothingIsRefused() {
    TestWorker worker = market.workers(1).get(0);
    market.refuse(Reason.MALFORMED, worker.key(), new Command.PlaceAsk(UnitPrice.ZERO, Set.of()));
  }
}
