package io.shardex.market;

import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.util.List;
import java.util.stream.IntStream;

/** Network files for tests. */
final class TestNetwork {
  static final ResourceClass CPU = new ResourceClass("cpu");

  /** Gross price of the first epoch, in base units per 10^12 work units. */
  static final UnitPrice FIRST_PRICE = new UnitPrice(1_000_000_000);

  /** A shard of {@link TestJob#WORK} takes one second at this rate. */
  static final WorkUnits PER_HOUR = new WorkUnits(TestJob.WORK * 3_600);

  private TestNetwork() {}

  /** Its validators' first chains begin with it. */
  static Network of(int validators, int threshold, Rules rules) {
    List<Address> keys = IntStream.range(0, validators).mapToObj(Parties::validator).toList();
    return of(keys, keys.stream().map(key -> Places.tip(key, 0)).toList(), threshold, rules);
  }

  static Network of(List<Address> validators, List<Digest> beacons, int threshold, Rules rules) {
    return new Network(
        31_337,
        new Address(7, 0, 1),
        new Address(7, 0, 2),
        new Address(7, 0, 3),
        new Address(7, 0, 4),
        1,
        Parties.TREASURY,
        validators,
        beacons,
        threshold,
        List.of(new Network.ClassTerms(CPU, FIRST_PRICE, PER_HOUR)),
        rules);
  }
}
