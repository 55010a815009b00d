package io.shardex.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DashboardTest {
  @Test
  void everyExpressionSpeaksOfOurMetrics() throws Exception {
    Set<String> expressions = new TreeSet<>(MetricNames.dashboardExpressions());
    expressions.addAll(MetricNames.alertExpressions());
    expressions.remove("up{job=\"shardex\"} == 0");

    assertTrue(expressions.size() > 40, expressions.size() + " expressions");
    for (String expression : expressions) {
      assertFalse(MetricNames.in(expression).isEmpty(), expression);
      assertEquals(
          expression.chars().filter(c -> c == '(').count(),
          expression.chars().filter(c -> c == ')').count(),
          expression);
    }
  }

  @Test
  void namesAreReadOutOfAnExpression() {
    assertEquals(
        Set.of("shardex_jobs", "jvm_memory_bytes_used"),
        MetricNames.in("max by (phase) (shardex_jobs{a=\"b\"}) / rate(jvm_memory_bytes_used[5m])"));
  }

  @Test
  void everyAlertSaysHowBadItIsAndWhatToDo() throws Exception {
    for (JsonNode rule : MetricNames.alertRules()) {
      String name = rule.path("alert").asText();
      assertTrue(
          Set.of("page", "ticket").contains(rule.path("labels").path("severity").asText()), name);
      assertFalse(rule.path("annotations").path("summary").asText().isBlank(), name);
      assertFalse(rule.path("annotations").path("action").asText().isBlank(), name);
    }
  }

  @Test
  void theScrapeExampleLoadsTheAlerts() throws Exception {
    JsonNode example = new YAMLMapper().readTree(Path.of("prometheus/prometheus.yml").toFile());
    for (JsonNode file : example.path("rule_files")) {
      assertTrue(Files.exists(Path.of("prometheus", file.asText())), file.asText());
    }
    assertEquals("shardex", example.path("scrape_configs").path(0).path("job_name").asText());
  }
}
