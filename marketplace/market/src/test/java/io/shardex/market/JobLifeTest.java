package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.JobPhase;
import io.shardex.pricing.Amount;
import org.junit.jupiter.api.Test;

class JobLifeTest {
  @Test
  void aJobIsFundedTrainedPaidAndSettled() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(2).get(0);
    TestJob job = market.job("mnist").funded(10).shards(4).rounds(2).open();
    assertEquals(JobPhase.RUNNING, job.phase());

    market.train(job);
    assertEquals(JobPhase.COMPLETED, job.phase());
    assertEquals(Ending.Cause.ALL_ROUNDS_DONE, job.cause());
    assertEquals(3, job.job().models().size());
    // 8 shards at 8,000 base units, of which the network takes 2 %.
    assertEquals(Amount.of(64_000), Invariants.spent(market.state(), job.id()));
    assertEquals(
        Amount.of(62_720), market.state().ledger().balance(Account.paid(job.id(), worker.owner())));
    assertEquals(
        Amount.of(10 * Amount.TOKEN - 64_000),
        market.state().ledger().balance(Account.of(Kind.REFUNDED, job.id())));

    market.sync();
    var signed = market.batch(BatchPhase.SIGNED).orElseThrow();
    assertTrue(signed.endorsements().size() >= 2);
    assertTrue(market.settle(signed).contains(new Event.JobSettled(job.id())));
    assertEquals(BatchPhase.CONFIRMED, market.batch(1).phase());
    assertTrue(job.job().settled());
  }
}
