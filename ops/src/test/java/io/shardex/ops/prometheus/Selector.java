package io.shardex.ops.prometheus;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A metric that an expression reads, and the label values it names.
 *
 * @param values by label, each value named in it; alternatives of a pattern apart
 */
record Selector(String metric, SortedMap<String, SortedSet<String>> values) {
  private static final Pattern METRIC =
      Pattern.compile("\\b((?:shardex|jvm|process)_[a-z0-9_]+|up)\\b(?:\\{([^}]*)})?");
  private static final Pattern MATCHER =
      Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)\\s*\"([^\"]*)\"");

  /** Every selector of an expression. */
  static List<Selector> in(String expression) {
    List<Selector> selectors = new ArrayList<>();
    Matcher metric = METRIC.matcher(expression);
    while (metric.find()) {
      SortedMap<String, SortedSet<String>> values = new TreeMap<>();
      Matcher label = MATCHER.matcher(metric.group(2) == null ? "" : metric.group(2));
      while (label.find()) {
        if (!label.group(2).startsWith("$") && !label.group(2).equals(".+")) {
          values
              .computeIfAbsent(label.group(1), unused -> new TreeSet<>())
              .addAll(List.of(label.group(2).split("\\|", -1)));
        }
      }
      selectors.add(new Selector(metric.group(1), values));
    }
    return selectors;
  }
}
