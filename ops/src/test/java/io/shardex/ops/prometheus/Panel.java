package io.shardex.ops.prometheus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A panel of one of the dashboards that we ship; rows are none.
 *
 * @param dashboard the dashboard's file
 * @param json the panel as Grafana reads it
 */
public record Panel(String dashboard, JsonNode json) {
  static final List<String> DASHBOARDS = List.of("market.json", "nodes.json");

  /** The panels of all dashboards in the order they are shown; tests run in the module's folder. */
  public static List<Panel> all() throws IOException {
    return all(Path.of(""));
  }

  static List<Panel> all(Path module) throws IOException {
    List<Panel> panels = new ArrayList<>();
    for (String file : DASHBOARDS) {
      for (JsonNode json : dashboard(module, file).path("panels")) {
        if (!json.path("type").asText().equals("row")) {
          panels.add(new Panel(file, json));
        }
      }
    }
    return panels;
  }

  static JsonNode dashboard(Path module, String file) throws IOException {
    return new ObjectMapper().readTree(module.resolve("grafana").resolve(file).toFile());
  }

  String name() {
    return dashboard + ", " + title();
  }

  String title() {
    return json.path("title").asText();
  }

  /** Its queries, with Grafana's variables in them. */
  public List<String> expressions() {
    return json.path("targets").findValuesAsText("expr");
  }
}
