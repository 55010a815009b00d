package io.shardex.worker.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * AMD's GPUs, by {@code amd-smi}: what they are, how they are, and who computes on them, each a
 * call of its own. Its JSON is a list, and from ROCm 7 on an object with that list in {@code
 * gpu_data}; figures are numbers, or objects of {@code value} and {@code unit}.
 */
final class AmdSmi implements GpuSource {
  private static final String NAME = "amd-smi";

  private final Tool tool;

  AmdSmi(Tool tool) {
    this.tool = tool;
  }

  @Override
  public Optional<Gpus> read() throws ToolFault {
    Optional<List<JsonNode>> cards = ask("static");
    if (cards.isEmpty()) {
      return Optional.empty();
    }
    List<JsonNode> metrics = ask("metric").orElse(List.of());
    List<JsonNode> processes = ask("process").orElse(List.of());
    List<GpuReading> readings = new ArrayList<>();
    List<ToolFault> faults = new ArrayList<>();
    for (JsonNode card : cards.get()) {
      try {
        readings.add(reading(card, same(metrics, card), same(processes, card)));
      } catch (ToolFault e) {
        faults.add(e);
      }
    }
    return Optional.of(new Gpus(readings, faults));
  }

  private Optional<List<JsonNode>> ask(String what) throws ToolFault {
    Optional<String> said = tool.run(List.of(NAME, what, "--json"));
    if (said.isEmpty()) {
      return Optional.empty();
    }
    JsonNode answer = Json.parse(NAME, said.get());
    JsonNode list = answer.isArray() ? answer : answer.path("gpu_data");
    if (!list.isArray()) {
      throw new ToolFault(NAME, "'%s' lists no GPUs".formatted(what));
    }
    return Optional.of(list.valueStream().toList());
  }

  /** The same GPU in another answer; they are numbered. */
  private static JsonNode same(List<JsonNode> answer, JsonNode card) {
    return answer.stream()
        .filter(other -> other.path("gpu").equals(card.path("gpu")))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private static GpuReading reading(JsonNode card, JsonNode metric, JsonNode process)
      throws ToolFault {
    OptionalLong total =
        first(figure(card, "vram", "size"), figure(card, "vram", "vram_size"))
            .orElseGet(() -> figure(metric, "mem_usage", "total_vram"));
    if (total.isEmpty() || total.getAsLong() < 1) {
      throw new ToolFault(NAME, "GPU %s has no memory".formatted(card.path("gpu")));
    }
    Gpu gpu =
        new Gpu(
            text(card, "asic", "asic_serial")
                .or(() -> text(card, "bus", "bdf"))
                .orElse("gpu" + card.path("gpu").asText()),
            Maker.AMD,
            text(card, "asic", "market_name")
                .or(() -> text(card, "board", "product_name"))
                .orElse(""),
            total.getAsLong(),
            OptionalInt.empty());
    GpuHealth health =
        new GpuHealth(
            Figures.small(
                first(
                        figure(metric, "temperature", "hotspot"),
                        figure(metric, "temperature", "edge"))
                    .orElse(OptionalLong.empty())),
            Figures.small(figure(card, "limit", "slowdown_hotspot_temperature")),
            Figures.small(figure(metric, "clock", "gfx_0", "clk")),
            Figures.small(figure(metric, "clock", "gfx_0", "max_clk")),
            limit(card, "socket_power", "socket_power_limit"),
            limit(card, "max_power", "max_power_limit"),
            total.getAsLong(),
            figure(metric, "mem_usage", "free_vram"),
            processes(process),
            reported(metric));
    return new GpuReading(gpu, health);
  }

  private static List<GpuProcess> processes(JsonNode process) {
    return process
        .path("process_list")
        .valueStream()
        .map(entry -> entry.path("process_info"))
        .filter(info -> info.path("pid").canConvertToLong())
        .map(
            info ->
                new GpuProcess(
                    info.path("pid").asLong(),
                    info.path("name").asText(),
                    mib(info.path("memory_usage").path("vram_mem"))))
        .toList();
  }

  /** A power limit; from ROCm 7 on there are several, of which the first is the package's. */
  private static OptionalInt limit(JsonNode card, String name, String nameInPpt) {
    OptionalLong whole = figure(card, "limit", name);
    return Figures.small(whole.isPresent() ? whole : figure(card, "limit", "ppt0", nameInPpt));
  }

  /** Memory with its unit, which has changed from bytes to MB; 0 if there is none. */
  private static long mib(JsonNode figure) {
    long value = figure(figure).orElse(0);
    return figure.path("unit").asText().equals("B") ? value >> 20 : value;
  }

  private static List<GpuFinding> reported(JsonNode metric) {
    long errors = figure(metric, "ecc", "total_uncorrectable_count").orElse(0);
    return errors > 0 ? List.of(NvidiaSmi.uncorrected(errors)) : List.of();
  }

  private static Optional<OptionalLong> first(OptionalLong... figures) {
    return Stream.of(figures).filter(OptionalLong::isPresent).findFirst();
  }

  private static Optional<String> text(JsonNode node, String... path) {
    String text = at(node, path).asText();
    return text.isEmpty() || text.equals("N/A") ? Optional.empty() : Optional.of(text);
  }

  private static OptionalLong figure(JsonNode node, String... path) {
    JsonNode figure = at(node, path);
    return Figures.whole((figure.isObject() ? figure.path("value") : figure).asText());
  }

  private static JsonNode at(JsonNode node, String... path) {
    JsonNode at = node;
    for (String name : path) {
      at = at.path(name);
    }
    return at;
  }
}
