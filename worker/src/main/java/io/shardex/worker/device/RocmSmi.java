package io.shardex.worker.device;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * AMD's GPUs, by {@code rocm-smi --json}. It does not say which process is on which card, what the
 * power limit was when the card was sold, nor where the card slows down.
 */
final class RocmSmi implements GpuSource {
  private static final String NAME = "rocm-smi";
  private static final List<String> COMMAND =
      List.of(
          NAME,
          "--showproductname",
          "--showuniqueid",
          "--showbus",
          "--showmeminfo",
          "vram",
          "--showtemp",
          "--showclocks",
          "--showmaxpower",
          "--json");

  private final Tool tool;

  RocmSmi(Tool tool) {
    this.tool = tool;
  }

  @Override
  public Optional<Gpus> read() throws ToolFault {
    Optional<String> said = tool.run(COMMAND);
    if (said.isEmpty()) {
      return Optional.empty();
    }
    List<GpuReading> readings = new ArrayList<>();
    List<ToolFault> faults = new ArrayList<>();
    for (Map.Entry<String, JsonNode> card : Json.parse(NAME, said.get()).properties()) {
      if (card.getKey().startsWith("card")) {
        try {
          readings.add(reading(card.getKey(), card.getValue()));
        } catch (ToolFault e) {
          faults.add(e);
        }
      }
    }
    return Optional.of(new Gpus(readings, faults));
  }

  private static GpuReading reading(String key, JsonNode card) throws ToolFault {
    OptionalLong total = mib(card, "VRAM Total Memory (B)");
    if (total.isEmpty() || total.getAsLong() < 1) {
      throw new ToolFault(NAME, key + " has no memory but " + card.path("VRAM Total Memory (B)"));
    }
    OptionalLong used = mib(card, "VRAM Total Used Memory (B)");
    Gpu gpu =
        new Gpu(
            first(card, "Unique ID", "PCI Bus").orElse(key),
            Maker.AMD,
            // Since ROCm 6.1 with another letter.
            first(card, "Card series", "Card Series", "Card model", "Card Model").orElse(""),
            total.getAsLong(),
            OptionalInt.empty());
    GpuHealth health =
        new GpuHealth(
            figure(card, "Temperature (Sensor junction) (C)", "Temperature (Sensor edge) (C)"),
            OptionalInt.empty(),
            figure(card, "sclk clock speed:"),
            OptionalInt.empty(),
            figure(card, "Max Graphics Package Power (W)"),
            OptionalInt.empty(),
            total.getAsLong(),
            used.isPresent()
                ? OptionalLong.of(total.getAsLong() - used.getAsLong())
                : OptionalLong.empty(),
            List.of(),
            List.of());
    return new GpuReading(gpu, health);
  }

  private static OptionalLong mib(JsonNode card, String name) {
    OptionalLong bytes = Figures.whole(card.path(name).asText());
    return bytes.isPresent() ? OptionalLong.of(bytes.getAsLong() >> 20) : bytes;
  }

  private static OptionalInt figure(JsonNode card, String... names) {
    return Stream.of(names)
        .map(name -> Figures.small(card.path(name).asText()))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  private static Optional<String> first(JsonNode card, String... names) {
    return Stream.of(names)
        .map(name -> card.path(name).asText())
        .filter(text -> !text.isEmpty() && !text.equals("N/A"))
        .findFirst();
  }
}
