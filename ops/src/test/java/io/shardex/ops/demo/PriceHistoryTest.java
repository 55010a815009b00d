package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.Stamp;
import io.shardex.ops.demo.PriceHistory.EpochPrice;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.List;
import org.junit.jupiter.api.Test;

class PriceHistoryTest {
  private static final ResourceClass CPU = new ResourceClass("cpu");
  private static final Network NETWORK =
      new Network(
          1,
          Address.ZERO,
          Address.ZERO,
          Address.ZERO,
          Address.ZERO,
          0,
          Address.ZERO,
          List.of(Address.ZERO),
          List.of(),
          1,
          List.of(new Network.ClassTerms(CPU, new UnitPrice(100), new WorkUnits(1))),
          Rules.local());

  @Test
  void everyEpochHasAPriceAlsoWhenItDidNotMove() {
    PriceHistory history = new PriceHistory();

    hear(history, new Event.NetworkBorn(NETWORK));
    hear(history, new Event.EpochOpened(1, 4));
    hear(history, new Event.EpochOpened(2, 8), price(90));
    hear(history, new Event.EpochOpened(3, 12));

    assertEquals(
        List.of(
            new EpochPrice(1, CPU, new UnitPrice(100)),
            new EpochPrice(2, CPU, new UnitPrice(90)),
            new EpochPrice(3, CPU, new UnitPrice(90))),
        history.epochs());
  }

  @Test
  void whatWasLeftOutIsNotGuessed() {
    PriceHistory history = new PriceHistory();
    hear(history, new Event.NetworkBorn(NETWORK), new Event.EpochOpened(1, 4));
    history.resync(50);
    hear(history, new Event.EpochOpened(5, 20), price(70));

    assertEquals(List.of(new EpochPrice(5, CPU, new UnitPrice(70))), history.epochs());
  }

  private static Event price(long price) {
    return new Event.PriceSet(CPU, ClassPrice.starting(new UnitPrice(price)));
  }

  private static void hear(PriceHistory history, Event... events) {
    history.committed(new Stamp(1, 0), List.of(events));
  }
}
