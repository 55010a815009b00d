package io.shardex.ops.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.shardex.ops.MetricNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a dashboard must keep to, and Grafana itself would not say. */
class DashboardTest {
  private static final Path HERE = Path.of("");
  private static final Pattern RATE =
      Pattern.compile("\\b(rate|irate|increase)\\([^\\[]*\\[([^\\]]*)]");
  private static final Pattern COUNTER =
      Pattern.compile("\\b\\w+(?:_total|_bucket|_sum|_count)\\b(?:\\{[^}]*})?(\\[?)");

  @Test
  void everyPanelHasATitleADescriptionAUnitAndAQuery() throws Exception {
    for (Panel panel : Panel.all()) {
      assertFalse(panel.title().isBlank(), panel.dashboard());
      assertFalse(panel.json().path("description").asText().isBlank(), panel.name());
      assertFalse(panel.json().at("/fieldConfig/defaults/unit").asText().isBlank(), panel.name());
      assertFalse(panel.expressions().isEmpty(), panel.name());
    }
  }

  @Test
  void idsAndTitlesAreGivenOnceADashboardAndPanelsDoNotOverlap() throws Exception {
    for (String file : Panel.DASHBOARDS) {
      Set<Integer> ids = new HashSet<>();
      Set<String> titles = new HashSet<>();
      Set<List<Integer>> cells = new HashSet<>();
      for (JsonNode panel : Panel.dashboard(HERE, file).path("panels")) {
        String name = file + ", " + panel.path("title").asText();
        assertTrue(ids.add(panel.path("id").asInt()), name);
        assertTrue(titles.add(panel.path("title").asText()), name);
        JsonNode grid = panel.path("gridPos");
        assertTrue(grid.path("x").asInt() + grid.path("w").asInt() <= 24, name);
        for (int x = 0; x < grid.path("w").asInt(); x++) {
          for (int y = 0; y < grid.path("h").asInt(); y++) {
            assertTrue(
                cells.add(List.of(grid.path("x").asInt() + x, grid.path("y").asInt() + y)), name);
          }
        }
      }
    }
  }

  @Test
  void theFirstRowAnswersWhetherItIsWell() throws Exception {
    for (String file : Panel.DASHBOARDS) {
      JsonNode first = Panel.dashboard(HERE, file).path("panels").path(0);
      assertEquals("row", first.path("type").asText(), file);
      assertEquals("Is it well?", first.path("title").asText(), file);
    }
  }

  @Test
  void theDataSourceIsAVariableEverywhere() throws Exception {
    for (String file : Panel.DASHBOARDS) {
      JsonNode dashboard = Panel.dashboard(HERE, file);
      assertEquals("datasource", dashboard.at("/templating/list/0/type").asText(), file);
      assertEquals("source", dashboard.at("/templating/list/0/name").asText(), file);
      assertFalse(dashboard.path("uid").asText().isBlank(), file);
      assertTrue(dashboard.path("id").isMissingNode(), file);
      dashboard
          .findValues("datasource")
          .forEach(source -> assertEquals("${source}", source.path("uid").asText(), file));
    }
  }

  @Test
  void ratesTakeGrafanasIntervalAndCountersStandInRatesOnly() throws Exception {
    for (Panel panel : Panel.all()) {
      for (String expression : panel.expressions()) {
        Matcher rate = RATE.matcher(expression);
        while (rate.find()) {
          assertEquals("$__rate_interval", rate.group(2), panel.name());
        }
        assertCountersStandInRatesOnly(panel.name(), expression);
      }
    }
    for (AlertRule rule : AlertRule.all()) {
      assertCountersStandInRatesOnly(rule.name(), rule.expression());
    }
  }

  private static void assertCountersStandInRatesOnly(String whose, String expression) {
    Matcher counter = COUNTER.matcher(expression);
    while (counter.find()) {
      assertEquals("[", counter.group(1), whose + ": " + counter.group());
    }
  }

  @Test
  void everyMetricIsInTheOperatorsTable() throws Exception {
    SortedSet<String> documented = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("../docs/operating.md"))) {
      if (line.startsWith("| `shardex_")) {
        documented.addAll(MetricNames.in(line.split("\\|", -1)[1]));
      }
    }
    SortedSet<String> unknown = new TreeSet<>();
    for (String name : MetricNames.used()) {
      String family = name.replaceFirst("_seconds_(bucket|sum|count)$", "_seconds");
      if (name.startsWith("shardex_") && !documented.contains(family)) {
        unknown.add(name);
      }
    }

    assertEquals(Set.of(), unknown);
    assertTrue(documented.size() > 40, documented.toString());
  }

  @Test
  void namesAreReadOutOfAnExpression() {
    assertEquals(
        Set.of("shardex_jobs", "jvm_memory_bytes_used"),
        MetricNames.in("max by (phase) (shardex_jobs{a=\"b\"}) / rate(jvm_memory_bytes_used[5m])"));
    Selector selector = Selector.in("sum(shardex_jobs{a=~\"x|y\",node=~\"$node\"}) > 0").getFirst();
    assertEquals("shardex_jobs", selector.metric());
    assertEquals(Set.of("a"), selector.values().keySet());
    assertEquals(Set.of("x", "y"), selector.values().get("a"));
  }

  @Test
  void provisioningNamesWhatIsThere() throws Exception {
    YAMLMapper yaml = new YAMLMapper();
    JsonNode sources =
        yaml.readTree(Path.of("grafana/provisioning/datasources/shardex.yml").toFile());
    JsonNode dashboards =
        yaml.readTree(Path.of("grafana/provisioning/dashboards/shardex.yml").toFile());

    assertEquals("prometheus", sources.at("/datasources/0/type").asText());
    assertEquals("file", dashboards.at("/providers/0/type").asText());
  }
}
