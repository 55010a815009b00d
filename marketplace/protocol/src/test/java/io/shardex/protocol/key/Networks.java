package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.List;

/** A network for tests. */
public final class Networks {
  public static final Network LOCAL =
      new Network(
          31_337,
          new Address(0, 0, 2),
          new Address(0, 0, 3),
          new Address(0, 0, 4),
          new Address(0, 0, 5),
          0,
          new Address(0, 0, 1),
          List.of(new Address(0, 0, 1)),
          List.of(),
          1,
          List.of(
              new Network.ClassTerms(
                  new ResourceClass("cpu"), new UnitPrice(1), new WorkUnits(1_000))),
          Rules.local());

  private Networks() {}
}
