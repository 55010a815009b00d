package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.state.JobPhase;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatchingTest {
  private static final long PRICE = TestNetwork.FIRST_PRICE.perTeraWork();

  @Test
  void theOldestJobIsServedFirst() {
    TestMarket market = TestMarket.open();
    TestJob first = market.job("first").open();
    TestJob second = market.job("second").open();
    market.asking(1);
    assertEquals(1, first.tasks(TaskPhase.LEASED).size());
    assertEquals(1, second.tasks(TaskPhase.OPEN).size());
  }

  @Test
  void aShardGoesToTheSlotThatFitsBest() {
    TestMarket market = TestMarket.open();
    List<TestWorker> roomy = market.workers(1);
    TestMarket.accepted(market.register(roomy.get(0).key(), roomy.get(0).owner(), 1_024));
    Address owner = Parties.owner(7);
    market.chain().stake(owner, 10);
    market.sync();
    Address tight = Parties.worker(7, 0);
    Address small = Parties.worker(7, 1);
    TestMarket.accepted(market.register(tight, owner, 512));
    TestMarket.accepted(market.register(small, owner, 128));
    List.of(roomy.get(0).key(), tight, small)
        .forEach(key -> market.accept(key, new Command.PlaceAsk(UnitPrice.ZERO)));
    TestJob job = market.job("j").memoryMiB(256).open();
    assertEquals(tight, job.task(0).lease().orElseThrow().worker());
  }

  @Test
  void shardsThatFitNoSlotBlockNoYoungerJob() {
    TestMarket market = TestMarket.open(Presets.withBounds(2, 100, 100));
    market.job("huge").shards(10).memoryMiB(1 << 20).open();
    TestJob modest = market.job("modest").shards(5).open();
    market.asking(5);
    assertEquals(5, modest.tasks(TaskPhase.LEASED).size());
  }

  @Test
  void moreMatchesThanACommandMayMakeGoOnWithTheNextCommand() {
    TestMarket market = TestMarket.open(Presets.withBounds(2, 100, 100));
    market.asking(5);
    TestJob job = market.job("j").shards(5).open();
    assertEquals(2, job.tasks(TaskPhase.LEASED).size());
    market.beat();
    assertEquals(5, job.tasks(TaskPhase.LEASED).size());
  }

  @Test
  void anAskAboveThePriceLessTheFeeWaits() {
    TestMarket market = TestMarket.open();
    TestWorker worker = market.workers(1).get(0);
    TestJob job = market.job("j").limit(PRICE).open();
    worker.asks(new UnitPrice(PRICE * 98 / 100 + 1));
    assertTrue(worker.task().isEmpty());
    worker.asks(new UnitPrice(PRICE * 98 / 100));
    assertEquals(1, job.tasks(TaskPhase.LEASED).size());
  }

  @Test
  void aPriceAboveTheLimitPausesAJobAndALowerOneResumesIt() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").limit(PRICE / 2).open();
    assertEquals(JobPhase.PAUSED, job.phase());
    TestWorker worker = market.asking(1).get(0);
    assertTrue(worker.task().isEmpty());

    // Nobody else trades at the high price, so at the epoch's end it jumps into the book.
    List<Event> events = market.pass(2 * market.pace().epoch());
    assertTrue(events.stream().anyMatch(Event.PriceSet.class::isInstance));
    assertTrue(events.stream().anyMatch(Event.JobResumed.class::isInstance));
    assertEquals(JobPhase.RUNNING, job.phase());
    assertTrue(worker.task().isPresent());
    assertFalse(
        worker.task().orElseThrow().lease().orElseThrow().price().perTeraWork() > PRICE / 2);
  }
}
