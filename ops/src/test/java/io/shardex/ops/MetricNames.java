package io.shardex.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics that the dashboard and the alert rules speak of, read out of their expressions. */
public final class MetricNames {
  /** What our processes export begins so; {@code up} is Prometheus' own. */
  private static final Pattern NAME = Pattern.compile("\\b(?:shardex|jvm|process)_[a-z0-9_]+\\b");

  private MetricNames() {}

  /** Every name used, sorted; tests run in the module's folder. */
  public static SortedSet<String> used() throws IOException {
    SortedSet<String> names = new TreeSet<>();
    dashboardExpressions().forEach(expression -> names.addAll(in(expression)));
    alertExpressions().forEach(expression -> names.addAll(in(expression)));
    return names;
  }

  /** The names in one PromQL expression. */
  static SortedSet<String> in(String expression) {
    SortedSet<String> names = new TreeSet<>();
    Matcher matcher = NAME.matcher(expression);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  static List<String> dashboardExpressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    JsonNode dashboard = new ObjectMapper().readTree(Path.of("grafana/market.json").toFile());
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(target.path("expr").asText());
      }
    }
    return expressions;
  }

  static List<String> alertExpressions() throws IOException {
    List<String> expressions = new ArrayList<>();
    for (JsonNode rule : alertRules()) {
      expressions.add(rule.path("expr").asText());
    }
    return expressions;
  }

  static List<JsonNode> alertRules() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    JsonNode file = new YAMLMapper().readTree(Path.of("prometheus/alerts.yml").toFile());
    for (JsonNode group : file.path("groups")) {
      group.path("rules").forEach(rules::add);
    }
    return rules;
  }
}
