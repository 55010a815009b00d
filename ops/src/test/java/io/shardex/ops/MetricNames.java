package io.shardex.ops;

import io.shardex.ops.prometheus.AlertRule;
import io.shardex.ops.prometheus.Panel;
import java.io.IOException;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics that the dashboards and the alert rules speak of, read out of their expressions. */
public final class MetricNames {
  /** What our processes export begins so; {@code up} and {@code ALERTS} are Prometheus' own. */
  private static final Pattern NAME = Pattern.compile("\\b(?:shardex|jvm|process)_[a-z0-9_]+\\b");

  private MetricNames() {}

  /** Every name used, sorted; tests run in the module's folder. */
  public static SortedSet<String> used() throws IOException {
    SortedSet<String> names = new TreeSet<>();
    for (Panel panel : Panel.all()) {
      panel.expressions().forEach(expression -> names.addAll(in(expression)));
    }
    for (AlertRule rule : AlertRule.all()) {
      names.addAll(in(rule.expression()));
    }
    return names;
  }

  /** The names in one PromQL expression. */
  public static SortedSet<String> in(String expression) {
    SortedSet<String> names = new TreeSet<>();
    Matcher matcher = NAME.matcher(expression);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }
}
