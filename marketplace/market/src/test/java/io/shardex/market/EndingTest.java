package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Ending.Cause;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EndingTest {
  @ParameterizedTest
  @EnumSource
  void everyCauseEndsAJobAndItsBatchIsConfirmed(Cause cause) {
    TestMarket market = TestMarket.open();
    TestJob job = provoke(cause, market);
    assertEquals(cause, job.cause());
    assertTrue(job.phase().ended());
    assertFalse(cause.nextStep().isBlank());

    market.sync();
    market.batch(io.shardex.market.state.BatchPhase.SIGNED).ifPresent(market::settle);
    assertTrue(job.job().settled());
    assertEquals(Amount.ZERO, market.state().ledger().balance(Account.of(Kind.FREE, job.id())));
    assertEquals(Amount.ZERO, market.state().ledger().balance(Account.of(Kind.HELD, job.id())));
  }

  private static TestJob provoke(Cause cause, TestMarket market) {
    TestJob job = market.job("j");
    switch (cause) {
      case ALL_ROUNDS_DONE -> {
        market.asking(1);
        market.train(job.open());
      }
      case CANCELLED_BY_BUILDER -> TestMarket.accepted(job.open().cancel());
      case BUDGET_SPENT -> {
        // Money for the holds of one round, which are twice its pay: the second cannot be finished.
        job.shards(4).rounds(3).limit(TestNetwork.FIRST_PRICE.perTeraWork());
        job.fundedExactly(job.terms().roundBudget()).open();
        market.asking(4);
        market.train(job);
      }
      case DEADLINE_REACHED -> {
        job.deadlineAt(market.now() + 1_000).open();
        market.pass(1_000);
      }
      case TERMS_REFUSED ->
          market.attest(new Fact.TermsOf(job.submitted().id()), new FactValue.TermsRefused("no"));
      case SHARD_ABANDONED -> {
        TestWorker worker = market.workers(1).get(0);
        job.open();
        for (int lease = 0; lease < market.network().rules().bounds().leasesPerTask(); lease++) {
          worker.asks().fails();
          market.pass(market.pace().cooldown());
        }
      }
      case VALIDATORS_DISAGREE -> {
        job.submitted();
        market.pass(market.pace().factView() * market.network().rules().bounds().views());
      }
      case DIVERGED -> {
        market.asking(1);
        market.diverges(new TaskId(job.id(), 1, 0), 3);
        market.train(job.open());
      }
      case RECLAIMED -> {
        job.open();
        market.chain().add(new ChainEvent.Reclaimed(job.id(), Amount.of(10 * Amount.TOKEN)));
        market.sync();
      }
    }
    return job;
  }

  @Test
  void cancellingBeforeTheTermsHoldEndsTheJobAtOnce() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").submitted();
    TestMarket.accepted(job.cancel());
    assertEquals(JobPhase.CANCELLED, job.phase());
    assertFalse(market.state().facts().containsKey(new Fact.TermsOf(job.id())));
  }

  @Test
  void cancellingAPausedJobEndsItAtOnce() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").limit(1).open();
    assertEquals(JobPhase.PAUSED, job.phase());
    TestMarket.accepted(job.cancel());
    assertEquals(JobPhase.CANCELLED, job.phase());
  }

  @Test
  void cancellingARunningJobLetsLeasedAndCommittedShardsFinishAndPaysThem() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(2);
    TestJob job = market.job("j").shards(4).open();
    workers.get(0).start();
    TestMarket.accepted(workers.get(0).commit());
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());

    TestMarket.accepted(job.cancel());
    assertEquals(JobPhase.RUNNING, job.phase());
    assertEquals(1, job.tasks(TaskPhase.ABANDONED).size());
    market.train(job);
    assertEquals(JobPhase.CANCELLED, job.phase());
    assertEquals(Amount.of(3 * 8_000), Invariants.spent(market.state(), job.id()));
  }

  @Test
  void aCancelledJobWhoseLastLeaseFailsIsOver() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").open();
    TestMarket.accepted(job.cancel());
    assertEquals(JobPhase.RUNNING, job.phase());
    worker.fails();
    assertEquals(JobPhase.CANCELLED, job.phase());
  }

  @Test
  void aShardThatIsTheLastOneOutAndUsesUpItsLeasesEndsTheJobOnce() {
    TestMarket market = TestMarket.open();
    TestJob job = provoke(Cause.SHARD_ABANDONED, market);
    assertEquals(JobPhase.FAILED, job.phase());
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), job.id()));
  }

  @Test
  void aJobShortOfMoneyWaitsForItsHoldsBeforeItIsExhausted() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(4);
    TestJob job = market.job("j").shards(4).rounds(2).limit(1_000_000_000);
    job.fundedExactly(job.terms().roundBudget()).open();
    assertEquals(4, job.tasks(TaskPhase.LEASED).size());
    workers.forEach(TestWorker::works);
    market.finishRound();
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());
    assertEquals(JobPhase.RUNNING, job.phase());
    assertTrue(job.job().ending().isEmpty());

    TestWorker failing =
        workers.stream().filter(w -> w.task().isPresent()).findFirst().orElseThrow();
    failing.fails();
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());
    market.train(job);
    assertEquals(JobPhase.EXHAUSTED, job.phase());
    assertEquals(Amount.of((4 + 2) * 8_000), Invariants.spent(market.state(), job.id()));
  }

  @Test
  void whatIsDepositedAfterTheEndGoesBackWhenTheJobSettles() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").funded(10).open();
    TestMarket.accepted(job.cancel());
    job.deposited();
    market.settle(market.batch(1));
    assertTrue(job.job().settled());
    assertEquals(
        Amount.of(20 * Amount.TOKEN),
        market.state().ledger().balance(Account.of(Kind.REFUNDED, job.id())));
  }

  @Test
  void aDepositNobodyUsesIsForgottenAtItsRefundDate() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").refundAt(market.now() / 1_000 + 2).deposited();
    assertTrue(market.state().knows(Parties.builder(0)));
    List<Event> events = market.pass(3_000);
    assertTrue(events.contains(new Event.DepositForgotten(job.id())));
    assertTrue(market.state().deposits().isEmpty());
    assertFalse(market.state().knows(Parties.builder(0)));
    assertEquals(
        Amount.of(10 * Amount.TOKEN),
        market.state().ledger().balance(Account.retired(Kind.REFUNDED)));
  }

  @Test
  void aSettledJobLeavesTheStateAfterItsWindow() {
    TestMarket market = TestMarket.open();
    TestJob job = provoke(Cause.ALL_ROUNDS_DONE, market);
    market.sync();
    market.settle(market.batch(1));
    assertTrue(market.pass(market.pace().keepSettled()).contains(new Event.JobArchived(job.id())));
    assertTrue(market.state().jobs().isEmpty());
    assertTrue(market.state().deposits().isEmpty());
    assertEquals(Amount.of(160), market.state().ledger().balance(Account.retired(Kind.FEES)));
  }

  @Test
  void theLeastBudgetIsEnoughForTheWholeJobAtItsPriceLimit() {
    TestMarket market = TestMarket.open();
    market.asking(4);
    TestJob job = market.job("j").shards(4).rounds(3).limit(TestNetwork.FIRST_PRICE.perTeraWork());
    job.fundedExactly(job.terms().leastBudget()).open();
    market.train(job);
    assertEquals(JobPhase.COMPLETED, job.phase());
  }

  @Test
  void aVoteOnResultsThatHaveChangedSinceIsNoVoteOnTheNewOnes() {
    TestMarket market = TestMarket.open();
    List<TestWorker> workers = market.asking(2);
    TestJob job = market.job("j").shards(2).rounds(1).funded(10).open();
    workers.forEach(TestWorker::works);
    market.draws();
    Fact before = market.state().roundModel(job.job());
    Task flawed = job.tasks(TaskPhase.COMMITTED).get(0);
    market.attest(
        new Fact.ResultUnusable(flawed.id(), flawed.fence()),
        new FactValue.Unusable(FactValue.Flaw.MALFORMED));
    assertFalse(market.state().facts().containsKey(before));
    workers.stream().filter(w -> w.task().isPresent()).forEach(TestWorker::works);
    market.draws();
    assertNotEquals(before, market.state().roundModel(job.job()));
  }
}
