package io.shardex.ops.bench;

import java.util.List;

/** Percentiles of few values, by nearest rank: always one of the values. */
final class Percentile {
  private Percentile() {}

  /**
   * The smallest value that at least 95 % of all do not exceed; of 20 values the second largest.
   */
  static double p95(List<Double> values) {
    return of(95, values);
  }

  /** The smallest value that at least half of all do not exceed. */
  static double p50(List<Double> values) {
    return of(50, values);
  }

  private static double of(int percent, List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("expected at least one value");
    }
    int rank = (values.size() * percent + 99) / 100;
    return values.stream().sorted().skip(rank - 1L).findFirst().orElseThrow();
  }
}
