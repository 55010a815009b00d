package io.shardex.worker.device;

import io.shardex.worker.device.GpuFinding.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How NVIDIA's cards are, by {@code nvidia-smi --query-gpu} in its CSV form, which is cheap enough
 * to be asked for every few seconds. It knows no MIG slices, and not where a card slows down. What
 * a card lacks is {@code [N/A]} or {@code [Not Supported]}; one in trouble says {@code [Unknown
 * Error]}, {@code ERR!} or {@code [GPU is lost]}.
 */
final class NvidiaQuery {
  private static final String NAME = "nvidia-smi";
  private static final String FORM = "--format=csv,noheader,nounits";

  private static final List<String> FIELDS =
      List.of(
          "uuid",
          "pci.bus_id",
          "temperature.gpu",
          "clocks.sm",
          "clocks.max.sm",
          "power.limit",
          "power.default_limit",
          "memory.total",
          "memory.free",
          "ecc.errors.uncorrected.volatile.total");

  /** The name since driver 535, and the one before it. */
  private static final List<String> REASONS =
      List.of("clocks_event_reasons.active", "clocks_throttle_reasons.active");

  /** Bits of the reasons that are nobody's setting and not the lack of work; from nvml.h. */
  private static final Map<Integer, String> HOLDING =
      Map.of(
          0x08, "hw_slowdown",
          0x20, "sw_thermal_slowdown",
          0x40, "hw_thermal_slowdown",
          0x80, "hw_power_brake_slowdown");

  private final Tool tool;

  NvidiaQuery(Tool tool) {
    this.tool = tool;
  }

  /**
   * One card's answer.
   *
   * @param bus where it sits, such as {@code 00000000:03:00.0}
   */
  record Row(String bus, GpuHealth health) {}

  /**
   * All cards, by their UUID.
   *
   * @throws ToolFault if the program tells of none, as when one of them is lost
   */
  Map<String, Row> all() throws ToolFault {
    return ask(List.of());
  }

  /** One card alone, which may still answer when another one is lost. */
  Optional<Row> one(String uuid) throws ToolFault {
    return Optional.ofNullable(ask(List.of("-i", uuid)).get(uuid));
  }

  private Map<String, Row> ask(List<String> which) throws ToolFault {
    Map<String, List<GpuProcess>> processes = processes(which);
    Map<String, Row> rows = new LinkedHashMap<>();
    for (List<String> values : table(which, reasonsByAnyName(which), FIELDS.size() + 1)) {
      rows.put(
          values.get(0),
          new Row(values.get(1), health(values, processes.getOrDefault(values.get(0), List.of()))));
    }
    return rows;
  }

  private String reasonsByAnyName(List<String> which) throws ToolFault {
    try {
      return said(which, "--query-gpu=" + fields(REASONS.getFirst()));
    } catch (ToolFault e) {
      if (String.valueOf(e.getMessage()).contains("not a valid field")) {
        return said(which, "--query-gpu=" + fields(REASONS.getLast()));
      }
      throw e;
    }
  }

  private static String fields(String reasons) {
    return String.join(",", FIELDS) + "," + reasons;
  }

  private Map<String, List<GpuProcess>> processes(List<String> which) throws ToolFault {
    Map<String, List<GpuProcess>> processes = new HashMap<>();
    // The name is last: it may have commas in it.
    String said = said(which, "--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name");
    for (String line : said.lines().toList()) {
      String[] values = line.split(",", 4);
      OptionalLong pid = values.length == 4 ? Figures.whole(values[1]) : OptionalLong.empty();
      if (pid.isPresent()) {
        processes
            .computeIfAbsent(values[0].strip(), any -> new ArrayList<>())
            .add(
                new GpuProcess(
                    pid.getAsLong(), values[3].strip(), Figures.whole(values[2]).orElse(0)));
      }
    }
    return processes;
  }

  private String said(List<String> which, String query) throws ToolFault {
    List<String> command = new ArrayList<>(List.of(NAME));
    command.addAll(which);
    command.addAll(List.of(query, FORM));
    return tool.run(command)
        .orElseThrow(() -> new ToolFault(NAME, "the program is not here any more"));
  }

  private static List<List<String>> table(List<String> which, String said, int columns)
      throws ToolFault {
    List<List<String>> rows = new ArrayList<>();
    for (String line : said.lines().filter(text -> !text.isBlank()).toList()) {
      List<String> values = Arrays.stream(line.split(",", -1)).map(String::strip).toList();
      if (values.size() != columns) {
        throw new ToolFault(
            NAME, "expected %d figures%s, but it says '%s'".formatted(columns, of(which), line));
      }
      rows.add(values);
    }
    return rows;
  }

  private static String of(List<String> which) {
    return which.isEmpty() ? "" : " of " + which.getLast();
  }

  private static GpuHealth health(List<String> values, List<GpuProcess> processes) {
    long total = Math.max(1, Figures.whole(values.get(7)).orElse(1));
    return new GpuHealth(
        Figures.small(values.get(2)),
        OptionalInt.empty(),
        Figures.small(values.get(3)),
        Figures.small(values.get(4)),
        Figures.small(values.get(5)),
        Figures.small(values.get(6)),
        total,
        Figures.whole(values.get(8)),
        processes,
        reported(values));
  }

  private static List<GpuFinding> reported(List<String> values) {
    List<GpuFinding> reported = new ArrayList<>();
    List<String> names = Stream.concat(FIELDS.stream(), Stream.of("clocks' reasons")).toList();
    for (int i = 0; i < names.size(); i++) {
      if (Figures.isBad(values.get(i))) {
        reported.add(
            new GpuFinding(Kind.SILENT, "%s reads '%s'".formatted(names.get(i), values.get(i))));
      }
    }
    long errors = Figures.whole(values.get(9)).orElse(0);
    if (errors > 0) {
      reported.add(NvidiaSmi.uncorrected(errors));
    }
    String mask = values.getLast();
    if (mask.matches("0x[0-9A-Fa-f]{1,16}")) {
      long bits = Long.parseUnsignedLong(mask.substring(2), 16);
      HOLDING.entrySet().stream()
          .filter(reason -> (bits & reason.getKey()) != 0)
          .sorted(Map.Entry.comparingByKey())
          .forEach(reason -> reported.add(NvidiaSmi.slowed(reason.getValue())));
    }
    return reported;
  }
}
