package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.shardex.market.Event.Failure;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.JobPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.WorkUnits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands that are saved: paid by time with each checkpoint, whoever goes on. */
class InstalmentTest {
  private static final CheckpointEvery EVERY = new CheckpointEvery.Time(10_000);
  private static final Execution SAVED = Execution.COMMAND.saved(EVERY);
  private static final Digest STATE = Digest.sha256(new byte[] {7});

  /** At the first price. */
  private static final long PER_SECOND = 8_000;

  private final TestMarket market = TestMarket.open(Presets.auditedWithVest(60_000));
  private final TestWorker first = worker();
  private final TestWorker second = market.workers(1).get(0);
  private final TestJob job = hundredSeconds("c").open();

  private TestWorker worker() {
    return market.workers(1).get(0).offers(RuntimeKind.SANDBOX);
  }

  private TestJob hundredSeconds(String name) {
    return market.job(name).work(100 * TestJob.WORK).unproven(SAVED);
  }

  /** The lease has run for so many seconds. */
  private void started(TestWorker holder, int seconds) {
    TestMarket.accepted(holder.start());
    market.jump(1_000L * seconds);
  }

  private static void saved(TestWorker holder, int step, boolean resumed) {
    TestMarket.accepted(holder.saves(step, STATE, resumed));
  }

  private Amount paid(TestWorker to) {
    return market.state().ledger().balance(Account.paid(job.id(), to.owner()));
  }

  private Amount held() {
    return market.state().ledger().balance(Account.of(Kind.HELD, job.id()));
  }

  private Amount spent() {
    return Invariants.spent(market.state(), job.id());
  }

  private static Amount seconds(long count) {
    return Amount.of(count * PER_SECOND);
  }

  @Test
  void eachCheckpointPaysForTheTimeSinceTheOneBeforeAndTheResultForTheRest() {
    started(first, 30);
    saved(first, 20, false);
    assertEquals(seconds(20), spent());
    market.jump(20_000);
    saved(first, 50, false);
    assertEquals(seconds(50), spent());
    market.jump(5_000);
    TestMarket.accepted(first.commit());
    assertEquals(seconds(5), job.result(0).claim().gross());
    market.finishRound();
    assertEquals(JobPhase.COMPLETED, job.phase());
    assertEquals(seconds(55), spent());
    assertEquals(Amount.ZERO, held());
  }

  @Test
  void theFeeOfInstalmentsIsThatOfOnePayment() {
    started(first, 50);
    saved(first, 1, false);
    market.jump(20_000);
    saved(first, 33, false);
    TestMarket.accepted(first.commit());
    market.finishRound();
    Amount fee = Amount.of(market.network().rules().money().fee().floorOf(spent().units()));
    assertEquals(fee, market.state().ledger().balance(Account.of(Kind.FEES, job.id())));
    assertEquals(spent().minus(fee), paid(first));
  }

  @Test
  void whoLosesTheLeaseKeepsWhatItWasPaidAndWhoGoesOnIsPaidTheRest() {
    Amount cost = job.terms().limit().ceilCost(job.terms().shardWork());
    assertEquals(cost, held());
    started(first, 40);
    saved(first, 40, false);
    assertEquals(cost.minus(seconds(40)), held());
    Amount ofFirst = paid(first);
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    assertEquals(Amount.ZERO, held());
    second.offers(RuntimeKind.SANDBOX);
    assertEquals(40, job.task(0).offeredSteps());
    // What is left of the shard, at the limit.
    assertEquals(job.terms().limit().ceilCost(new WorkUnits(60 * TestJob.WORK)), held());
    Amount rest = atItsPrice(60);
    started(second, 90);
    TestMarket.accepted(second.commitsResumed(second.truth()));
    assertEquals(rest, job.result(1, 0, 2).claim().gross());
    market.finishRound();
    assertEquals(seconds(40).plus(rest), spent());
    assertEquals(ofFirst, paid(first));
  }

  /** What so many seconds are worth to the holder of the lease: prices change with the epoch. */
  private Amount atItsPrice(long seconds) {
    return job.task(0)
        .lease()
        .orElseThrow()
        .price()
        .floorCost(new WorkUnits(seconds * TestJob.WORK));
  }

  @Test
  void aBudgetOfOneCostSufficesHoweverOftenTheLeaseIsLost() {
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    TestJob poor = hundredSeconds("poor");
    Amount cost = poor.terms().limit().ceilCost(poor.terms().shardWork());
    TestMarket.accepted(job.cancel());
    poor.fundedExactly(cost).open();
    for (int leases = 1; leases < 3; leases++) {
      TestWorker holder = worker();
      started(holder, 30);
      saved(holder, 30 * leases, leases > 1);
      TestMarket.accepted(holder.givesUp(Failure.LEAVING));
    }
    TestWorker last = worker();
    started(last, 50);
    TestMarket.accepted(last.commitsResumed(last.truth()));
    market.finishRound();
    assertEquals(JobPhase.COMPLETED, poor.phase());
    assertFalse(cost.isLessThan(Invariants.spent(market.state(), poor.id())));
  }

  @Test
  void whoBeginsAnewGoesOnCountingAfterWhatIsPaid() {
    started(first, 40);
    saved(first, 40, false);
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    second.offers(RuntimeKind.SANDBOX);
    started(second, 20);
    TestMarket.refused(Reason.CHECKPOINT_STALE, second.saves(20, STATE, false));
    saved(second, 60, false);
    assertEquals(seconds(40).plus(atItsPrice(20)), spent());
    assertEquals(
        List.of(40, 60), job.task(0).checkpoints().stream().map(Checkpoint::step).toList());
    TestMarket.accepted(second.commit());
    assertEquals(Amount.ZERO, job.result(1, 0, 2).claim().gross());
  }

  @Test
  void nobodySavesMoreSecondsThanItsLeaseHasRun() {
    TestMarket.refused(Reason.WRONG_PHASE, first.saves(1, STATE, false));
    started(first, 12);
    TestMarket.refused(Reason.CHECKPOINT_TOO_SOON, first.saves(13, STATE, false));
    saved(first, 12, false);
    assertEquals(seconds(12), spent());
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    second.offers(RuntimeKind.SANDBOX);
    started(second, 5);
    TestMarket.refused(Reason.CHECKPOINT_TOO_SOON, second.saves(18, STATE, true));
    saved(second, 17, true);
    assertEquals(seconds(12).plus(atItsPrice(5)), spent());
  }

  @Test
  void aJobThatIsCancelledHasPaidForWhatWasSaved() {
    started(first, 30);
    saved(first, 30, false);
    market.jump(10_000);
    TestMarket.accepted(job.cancel());
    TestMarket.accepted(first.givesUp(Failure.LEAVING));
    assertEquals(JobPhase.CANCELLED, job.phase());
    assertEquals(seconds(30), spent());
    assertEquals(Amount.ZERO, held());
  }

  @Test
  void aResultThatCannotBeUsedTakesNothingBack() {
    started(first, 30);
    saved(first, 30, false);
    market.jump(10_000);
    first.fails();
    assertEquals(seconds(30), spent());
    assertEquals(30, job.task(0).savedSteps());
  }

  @Test
  void commandsAreSavedByTimeOnlyAndTrainingIsPaidNoInstalments() {
    TestJob bySteps = market.job("s").unproven(Execution.COMMAND).saved(10);
    TestMarket.refused(Reason.MALFORMED, bySteps.deposited().trySubmit());
    TestWorker trainer = market.asking(1).get(0);
    TestJob training = market.job("t").saved(10).open();
    TestMarket.accepted(trainer.start());
    TestMarket.accepted(trainer.saves(60));
    assertEquals(Amount.ZERO, Invariants.spent(market.state(), training.id()));
    assertFalse(market.seen().contains(Event.InstalmentPaid.class));
  }
}
