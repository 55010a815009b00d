package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Event.Failure;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseTest {
  /** Base time, and twenty times the second that a shard takes at the class's rate. */
  private static final long LEASE_MILLIS = 30_000 + 20 * 1_000;

  @ParameterizedTest
  @EnumSource
  void everyFailureFreesTheHoldReopensTheShardAndPaysNothing(Failure failure) {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").open();
    Task task = job.task(0);
    List<Event> events = provoke(failure, market, worker, task);
    assertTrue(
        events.contains(new Event.LeaseFailed(task.id(), 1, worker.key(), failure)),
        events::toString);
    assertEquals(TaskPhase.OPEN, job.task(0).phase());
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
    assertEquals(
        Amount.of(10 * Amount.TOKEN),
        market.state().ledger().balance(Account.of(Kind.FREE, job.id())));
    assertEquals(1, worker.worker().failed());
    assertTrue(worker.worker().ask().isEmpty());
  }

  private static List<Event> provoke(
      Failure failure, TestMarket market, TestWorker worker, Task task) {
    return switch (failure) {
      case EXPIRED -> market.pass(LEASE_MILLIS);
      case RESULT_MISSING -> unusable(market, worker, task, FactValue.Flaw.MISSING);
      case RESULT_MALFORMED -> unusable(market, worker, task, FactValue.Flaw.MALFORMED);
      case RESULT_NOT_FINITE -> unusable(market, worker, task, FactValue.Flaw.NOT_FINITE);
      case LEAVING, INPUTS_UNUSABLE, OUT_OF_ROOM, RUN_FAILED ->
          TestMarket.accepted(worker.givesUp(failure));
    };
  }

  private static List<Event> unusable(
      TestMarket market, TestWorker worker, Task task, FactValue.Flaw flaw) {
    worker.works();
    market.draws();
    return market.attest(
        new Fact.ResultUnusable(task.id(), task.fence()), new FactValue.Unusable(flaw));
  }

  @Test
  void aLeaseExpiresInTimeThoughNothingElseHappens() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).getFirst();
    TestJob job = market.job("j").open();
    Task task = job.task(0);
    Event failed = new Event.LeaseFailed(task.id(), 1, worker.key(), Failure.EXPIRED);
    // Validators hear of a slot a moment after it opened.
    long slot = market.pace().idleBeat() + 100;
    List<Event> events = new ArrayList<>();
    for (long passed = 0; passed <= LEASE_MILLIS; passed += slot) {
      events.addAll(market.jump(slot));
    }
    assertTrue(events.contains(failed), events::toString);
  }

  @Test
  void anUnusableResultIsTrainedAgainAndOnlyTheSecondIsPaid() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(2);
    TestJob job = market.job("j").open();
    Task first = job.task(0);
    TestWorker failing =
        workers.stream().filter(w -> w.task().isPresent()).findFirst().orElseThrow();
    unusable(market, failing, first, FactValue.Flaw.MISSING);
    assertEquals(2, job.task(0).fence());
    assertFalse(market.state().facts().containsKey(job.roundModel()));
    market.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(Amount.of(8_000), Invariants.spent(market.state(), job.id()));
    assertEquals(0, failing.worker().verified());
  }

  @Test
  void aLeaseIsExclusive() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(3);
    TestJob job = market.job("j").shards(2).open();
    assertEquals(2, workers.stream().filter(w -> w.task().isPresent()).count());
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());
  }

  @Test
  void aStaleFenceIsRefusedEvenFromTheWorkerThatHoldsTheNewLease() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").open();
    Task old = job.task(0);
    worker.fails();
    market.pass(market.pace().cooldown());
    worker.asks();
    assertEquals(2, job.task(0).fence());
    market.refuse(Reason.STALE_FENCE, worker.key(), worker.commitment(old));
    TestMarket.accepted(worker.commit());
  }

  @Test
  void aLeaseExpiresAtItsDeadlineAndNotBefore() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").open();
    assertEquals(market.now() + LEASE_MILLIS, job.task(0).lease().orElseThrow().deadlineMillis());
    market.pass(LEASE_MILLIS - 1);
    assertTrue(worker.task().isPresent());
    market.pass(1);
    assertTrue(worker.task().isEmpty());
  }

  @Test
  void aLeaseExpiresSoonWhenItsWorkerIsSilent() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    market.accept(Parties.validator(1), new Command.ReportSilent(List.of(worker.key())));
    market.pass(market.pace().silence());
    assertTrue(worker.task().isEmpty());
  }

  @Test
  void aWorkerThatSaysItLivesGetsItsDeadlineBack() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    long deadline = worker.task().orElseThrow().lease().orElseThrow().deadlineMillis();
    market.accept(Parties.validator(1), new Command.ReportSilent(List.of(worker.key())));
    market.accept(worker.key(), new Command.Alive());
    assertEquals(deadline, worker.task().orElseThrow().lease().orElseThrow().deadlineMillis());
    market.pass(market.pace().silence());
    assertTrue(worker.task().isPresent());
  }

  @Test
  void aSilentWorkerWithoutALeaseLosesItsAsk() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.accept(Parties.validator(1), new Command.ReportSilent(List.of(worker.key())));
    assertTrue(worker.worker().ask().isEmpty());
    assertTrue(worker.asks().worker().ask().isPresent());
  }

  @Test
  void aGapOfTheClockIsGivenBackToEveryLeaseAndOpenQuestion() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    TestJob waiting = market.job("waiting").submitted();
    long lease = worker.task().orElseThrow().lease().orElseThrow().deadlineMillis();
    market.jump(10 * LEASE_MILLIS);
    assertEquals(
        lease + 10 * LEASE_MILLIS,
        worker.task().orElseThrow().lease().orElseThrow().deadlineMillis());
    assertTrue(market.state().facts().containsKey(new Fact.TermsOf(waiting.id())));
  }

  @Test
  void aDrainingWorkerFinishesItsLeaseAndGetsNoOther() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").shards(2).open();
    market.accept(worker.key(), new Command.Drain());
    worker.works();
    assertTrue(worker.task().isEmpty());
    worker.asks();
    market.train(job);
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
  }

  @Test
  void aWorkerWhoseAskIsWithdrawnKeepsItsLease() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").shards(2).open();
    market.accept(worker.key(), new Command.WithdrawAsk());
    worker.works();
    assertEquals(Optional.empty(), worker.task());
    assertEquals(1, job.tasks(TaskPhase.OPEN).size());
  }

  @Test
  void startingTwiceIsHarmless() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    market.job("j").open();
    TestMarket.accepted(worker.start());
    List<Event> again = TestMarket.accepted(worker.start());
    assertTrue(again.stream().noneMatch(Event.LeaseStarted.class::isInstance));
  }

  @Test
  void aLeaseNeverOutlastsTheTimeInWhichItsPayCanSettle() {
    TestMarket market = TestMarket.open();
    market.asking(1);
    TestJob job =
        market
            .job("slow")
            .work(io.shardex.pricing.WorkUnits.MAX)
            .limit(TestNetwork.FIRST_PRICE.perTeraWork());
    job.fundedExactly(job.terms().roundBudget()).open();
    assertEquals(
        job.job().deposit().refundAt() * 1_000 - market.pace().settleMargin(),
        job.task(0).lease().orElseThrow().deadlineMillis());
  }

  @Test
  void stakeThatWentTakesTheAsksItCovered() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(2);
    Address owner = workers.get(0).owner();
    market.chain().add(new ChainEvent.UnstakeRequested(owner, Amount.of(5 * Amount.TOKEN)));
    market.sync();
    assertTrue(workers.get(0).worker().ask().isPresent());
    assertTrue(workers.get(1).worker().ask().isEmpty());
    market.chain().add(new ChainEvent.Unstaked(owner, Amount.of(5 * Amount.TOKEN)));
    market.sync();
    assertEquals(Amount.of(5 * Amount.TOKEN), market.state().bonded(owner));
    assertEquals(
        Amount.of(5 * Amount.TOKEN),
        market.state().ledger().balance(Account.retired(Kind.WITHDRAWN)));
  }
}
