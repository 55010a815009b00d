package io.shardex.ops.prometheus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An alert rule that we ship. */
public record AlertRule(String name, String expression, String severity, JsonNode annotations) {
  static final String FILE = "alerts.yml";

  /** All rules in their order; tests run in the module's folder. */
  public static List<AlertRule> all() throws IOException {
    return all(Path.of(""));
  }

  static List<AlertRule> all(Path module) throws IOException {
    List<AlertRule> rules = new ArrayList<>();
    JsonNode file = new YAMLMapper().readTree(module.resolve("prometheus/" + FILE).toFile());
    for (JsonNode group : file.path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        rules.add(
            new AlertRule(
                rule.path("alert").asText(),
                rule.path("expr").asText(),
                rule.path("labels").path("severity").asText(),
                rule.path("annotations")));
      }
    }
    return rules;
  }

  String annotation(String name) {
    return annotations.path(name).asText();
  }
}
