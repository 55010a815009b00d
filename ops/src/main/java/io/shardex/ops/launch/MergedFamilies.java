package io.shardex.ops.launch;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The families of several registries as one page: a family's help and type may stand there once.
 */
final class MergedFamilies {
  private MergedFamilies() {}

  static Enumeration<MetricFamilySamples> of(List<CollectorRegistry> registries) {
    Map<String, MetricFamilySamples> families = new TreeMap<>();
    for (CollectorRegistry registry : registries) {
      for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
        families.merge(family.name, family, MergedFamilies::joined);
      }
    }
    return Collections.enumeration(families.values());
  }

  private static MetricFamilySamples joined(MetricFamilySamples one, MetricFamilySamples other) {
    List<MetricFamilySamples.Sample> samples = new ArrayList<>(one.samples);
    samples.addAll(other.samples);
    return new MetricFamilySamples(one.name, one.unit, one.type, one.help, samples);
  }
}
