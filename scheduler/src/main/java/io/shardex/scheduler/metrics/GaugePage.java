package io.shardex.scheduler.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The gauges of one node at one moment, as they are written down. */
final class GaugePage {
  private final String node;
  private final List<MetricFamilySamples> families = new ArrayList<>();

  GaugePage(String node) {
    this.node = node;
  }

  /** One figure; {@code shardex_} comes before the name. */
  void put(String name, String help, double value) {
    families.add(
        new GaugeMetricFamily("shardex_" + name, help, List.of("node"))
            .addMetric(List.of(node), value));
  }

  void put(String name, String help, long value) {
    put(name, help, (double) value);
  }

  void put(String name, String help, boolean holds) {
    put(name, help, holds ? 1.0 : 0.0);
  }

  /** One figure for each of {@code all}, told apart by a label. */
  <T> void putEach(
      String name, String help, String label, Iterable<T> all, ToDoubleFunction<T> value) {
    putEach(name, help, label, all, String::valueOf, value);
  }

  /** One figure for each of {@code all}, told apart by a label with the given text. */
  <T> void putEach(
      String name,
      String help,
      String label,
      Iterable<T> all,
      Function<T, String> text,
      ToDoubleFunction<T> value) {
    GaugeMetricFamily family =
        new GaugeMetricFamily("shardex_" + name, help, List.of("node", label));
    for (T each : all) {
      family.addMetric(List.of(node, text.apply(each)), value.applyAsDouble(each));
    }
    families.add(family);
  }

  List<MetricFamilySamples> families() {
    return families;
  }
}
