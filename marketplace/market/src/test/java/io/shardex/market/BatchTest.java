package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.state.BatchPhase;
import io.shardex.pricing.Amount;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static TestJob ended(TestMarket market, String name) {
    TestJob job = market.job(name).open();
    TestMarket.accepted(job.cancel());
    return job;
  }

  @Test
  void noBatchIsSealedWhenNothingIsDue() {
    TestMarket market = TestMarket.open();
    market.job("j").open();
    market.pass(10_000);
    assertTrue(market.state().batches().isEmpty());
  }

  @Test
  void aBatchCarriesEveryPayeesTotalAndTheFinalTotalOfTheJob() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.asking(1).get(0);
    TestJob job = market.job("j").shards(2).open();
    market.train(job);
    market.sync();
    Batch batch = market.batch(1).batch();
    assertEquals(
        List.of(
            new Batch.PayLine(job.id(), worker.owner(), Amount.of(15_680)),
            new Batch.PayLine(job.id(), Parties.TREASURY, Amount.of(320))),
        batch.pays());
    assertEquals(List.of(new Batch.CloseLine(job.id(), Amount.of(16_000))), batch.closes());
    assertEquals(Amount.of(16_000), batch.receiptsSum());
  }

  @Test
  void whileABatchWaitsForSignaturesNoOtherIsSealed() {
    TestMarket market = TestMarket.open();
    TestJob first = market.job("first").open();
    TestJob second = market.job("second").open();
    TestMarket.accepted(first.cancel());
    market.beat();
    TestMarket.accepted(second.cancel());
    market.pass(4_000);
    assertEquals(1, market.state().batches().size());
    market.agree();
    market.beat();
    assertEquals(2, market.state().batches().size());
    assertEquals(2, market.batch(2).batch().closes().size());
  }

  @Test
  void aSignedBatchIsNotSealedAgainWhileItWaitsForTheChain() {
    TestMarket market = TestMarket.open();
    ended(market, "j");
    market.sync();
    market.pass(10_000);
    assertEquals(1, market.state().batches().size());
    assertEquals(BatchPhase.SIGNED, market.batch(1).phase());
  }

  @Test
  void aNewerBatchSupersedesTheOlderOnesItIncludes() {
    TestMarket market = TestMarket.open();
    TestJob first = ended(market, "first");
    market.sync();
    TestJob second = ended(market, "second");
    market.sync();
    List<Event> events = market.settle(market.batch(2));
    assertTrue(events.contains(new Event.BatchSuperseded(1)));
    assertTrue(first.job().settled());
    assertTrue(second.job().settled());
    // The older one arrives late.
    market.settle(market.batch(1));
    assertEquals(BatchPhase.SUPERSEDED, market.batch(1).phase());
  }

  @Test
  void anOlderBatchThatSettlesFirstSettlesItsOwnJobsOnly() {
    TestMarket market = TestMarket.open();
    TestJob first = ended(market, "first");
    market.sync();
    TestJob second = ended(market, "second");
    market.sync();
    market.settle(market.batch(1));
    assertTrue(first.job().settled());
    assertFalse(second.job().settled());
    market.settle(market.batch(2));
    assertTrue(second.job().settled());
  }

  @Test
  void aReplayedOrUnknownOrForeignSettlementChangesNothing() {
    TestMarket market = TestMarket.open();
    TestJob job = ended(market, "j");
    market.sync();
    market.chain().add(new ChainEvent.Settled(1, Digest.ZERO));
    market.chain().add(new ChainEvent.Settled(99, Digest.ZERO));
    market.sync();
    assertFalse(job.job().settled());
    market.settle(market.batch(1));
    assertTrue(job.job().settled());
    assertEquals(
        List.of(),
        market.settle(market.batch(1)).stream()
            .filter(event -> event instanceof Event.JobSettled)
            .toList());
  }

  @Test
  void payEntersABatchOnlyWhenItHasVested() {
    TestMarket market = TestMarket.open(Presets.withVest(10_000));
    ended(market, "j");
    market.pass(9_000);
    assertTrue(market.state().batches().isEmpty());
    market.pass(1_000);
    assertEquals(1, market.state().batches().size());
  }

  @Test
  void aBatchTakesAsManyJobsAsFit() {
    TestMarket market = TestMarket.open(Presets.withBounds(256, 2, 100));
    List<TestJob> jobs =
        List.of(market.job("a").open(), market.job("b").open(), market.job("c").open());
    jobs.forEach(job -> TestMarket.accepted(job.cancel()));
    market.sync();
    assertEquals(2, market.batch(1).batch().closes().size());
    market.settle(market.batch(1));
    market.sync();
    assertEquals(1, market.batch(2).batch().closes().size());
  }
}
