package io.shardex.ops.demo;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.List;

/** What the local network will ask of a job, known before it is started. */
final class LocalTerms {
  private static final List<Network.ClassTerms> CLASSES =
      List.of(
          new Network.ClassTerms(
              new ResourceClass("cpu"), new UnitPrice(5_500_000_000L), new WorkUnits(60_000_000)));

  private LocalTerms() {}

  /** Its classes and rules; the addresses, on which no plan depends, are still zero. */
  static Network network() {
    Address none = Address.ZERO;
    return new Network(
        1, none, none, none, none, 0, none, List.of(none), 1, CLASSES, Rules.local());
  }

  /** A network of other terms than were checked against would be a bug of this program. */
  static void requireSame(Network started) {
    if (!started.classes().equals(CLASSES) || !started.rules().equals(Rules.local())) {
      throw new IllegalStateException(
          "expected a network of classes " + CLASSES + ", but it has " + started.classes());
    }
  }
}
