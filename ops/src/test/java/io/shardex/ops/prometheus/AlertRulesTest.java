package io.shardex.ops.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AlertRulesTest {
  private static final String DOCUMENT = "docs/operating.md";

  @Test
  void everyRuleSaysHowBadItIsAndWhereToLookFirst() throws Exception {
    for (AlertRule rule : AlertRule.all()) {
      assertTrue(Set.of("page", "ticket").contains(rule.severity()), rule.name());
      assertFalse(rule.annotation("summary").isBlank(), rule.name());
      assertFalse(rule.annotation("action").isBlank(), rule.name());
    }
  }

  @Test
  void everyRunbookIsAHeadingOfTheOperatorsPageThatNamesTheSeverity() throws Exception {
    String page = Files.readString(Path.of("..", DOCUMENT));
    for (AlertRule rule : AlertRule.all()) {
      String anchor = rule.name().toLowerCase(Locale.ROOT);
      assertEquals(DOCUMENT + "#" + anchor, rule.annotation("runbook_url"));
      String severity = rule.severity().equals("page") ? "*Page.*" : "*Ticket.*";
      assertTrue(page.contains("\n### " + rule.name() + "\n\n" + severity), rule.name());
    }
  }

  @Test
  void everyRuleHasATest() throws Exception {
    Set<String> tested = new TreeSet<>();
    for (JsonNode test :
        new YAMLMapper().readTree(Path.of("prometheus/alerts-test.yml").toFile()).path("tests")) {
      tested.add(test.path("name").asText().split(",", 2)[0]);
    }

    assertEquals(
        AlertRule.all().stream()
            .map(AlertRule::name)
            .collect(Collectors.toCollection(TreeSet::new)),
        tested);
  }

  @Test
  void rulesFireWhenTheyShouldAndNotJustBelow() throws Exception {
    promtool("test", "rules", "prometheus/alerts-test.yml");
    promtool("check", "config", "prometheus/prometheus.yml");
  }

  @Test
  void shorterPatienceChangesNothingElse() {
    String rules =
        """
              - alert: SettlementStuck
                expr: max(shardex_outbox_unconfirmed_age_seconds) > 300
                for: 1m
              - alert: LeasesFail
                expr: sum(rate(shardex_worker_leases_total[10m])) > 5
                for: 15s
        """;

    assertEquals(
        rules.replace("> 300", "> 30").replace("for: 1m", "for: 6s").replace("for: 15s", "for: 2s"),
        ScaledRules.of(rules, 0.1));
  }

  private static void promtool(String... arguments) throws Exception {
    Optional<Path> binary = LivePrometheus.program("promtool");
    assumeTrue(binary.isPresent(), "there is no promtool on the PATH (Debian: prometheus)");
    List<String> command = new ArrayList<>(List.of(binary.get().toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, process.waitFor(), said);
  }
}
