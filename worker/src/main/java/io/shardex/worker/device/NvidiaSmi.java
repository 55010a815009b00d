package io.shardex.worker.device;

import io.shardex.worker.device.GpuFinding.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * NVIDIA's GPUs, by {@code nvidia-smi -q -x}: one call tells of cards, MIG slices, health and
 * processes. It takes seconds where there are many cards; what is asked for again and again is
 * {@link NvidiaQuery}'s. Of schema versions 11 (driver 460) to 13 (driver 590).
 */
final class NvidiaSmi implements GpuSource {
  private static final String NAME = "nvidia-smi";

  /** Clock reasons that are nobody's setting and not the lack of work. */
  private static final List<String> HOLDING =
      List.of(
          "hw_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown", "sw_thermal_slowdown");

  private final Tool tool;

  NvidiaSmi(Tool tool) {
    this.tool = tool;
  }

  @Override
  public Optional<Gpus> read() throws ToolFault {
    Optional<String> said = tool.run(List.of(NAME, "-q", "-x"));
    if (said.isEmpty()) {
      return Optional.empty();
    }
    Xml log;
    try {
      log = Xml.parse(said.get());
    } catch (IOException e) {
      throw new ToolFault(NAME, "its answer is no XML: " + e.getMessage());
    }
    List<GpuReading> readings = new ArrayList<>();
    List<ToolFault> faults = new ArrayList<>();
    for (Xml card : log.children("gpu")) {
      try {
        readings.addAll(readings(card));
      } catch (ToolFault e) {
        faults.add(e);
      }
    }
    return Optional.of(new Gpus(readings, faults));
  }

  /** The card, or its slices if it is cut into some. */
  private static List<GpuReading> readings(Xml card) throws ToolFault {
    List<Xml> slices =
        card.at("mig_devices").map(devices -> devices.children("mig_device")).orElse(List.of());
    if (slices.isEmpty()) {
      Gpu gpu = gpu(card, card.text("uuid"), card, OptionalInt.empty());
      return List.of(new GpuReading(gpu, health(card, card, processes(card), gpu.vramMiB())));
    }
    List<GpuReading> readings = new ArrayList<>();
    for (Xml slice : slices) {
      String instance = slice.text("gpu_instance_id");
      OptionalInt size = Figures.small(slice.text("device_attributes/shared/multiprocessor_count"));
      // A slice's own UUID is told by 'nvidia-smi -L' only.
      String id = card.text("uuid") + "/" + instance + "/" + slice.text("compute_instance_id");
      Gpu gpu = gpu(card, id, slice, size);
      List<Xml> here =
          processes(card).stream()
              .filter(process -> process.text("gpu_instance_id").equals(instance))
              .toList();
      readings.add(new GpuReading(gpu, health(card, slice, here, gpu.vramMiB())));
    }
    return readings;
  }

  private static Gpu gpu(Xml card, String id, Xml memory, OptionalInt slice) throws ToolFault {
    String total = memory.text("fb_memory_usage/total");
    OptionalLong vram = Figures.whole(total);
    if (vram.isEmpty() || vram.getAsLong() < 1) {
      throw new ToolFault(
          NAME, "GPU %s has no memory but '%s'".formatted(card.attribute("id"), total));
    }
    return new Gpu(id, Maker.NVIDIA, card.text("product_name"), vram.getAsLong(), slice);
  }

  private static GpuHealth health(Xml card, Xml memory, List<Xml> processes, long vramMiB) {
    Xml power =
        Stream.of("gpu_power_readings", "power_readings")
            .flatMap(name -> card.at(name).stream())
            .findFirst()
            .orElse(card);
    Optional<Xml> limit = power.at("current_power_limit").or(() -> power.at("power_limit"));
    return new GpuHealth(
        Figures.small(card.text("temperature/gpu_temp")),
        Figures.small(card.text("temperature/gpu_temp_slow_threshold")),
        Figures.small(card.text("clocks/sm_clock")),
        Figures.small(card.text("max_clocks/sm_clock")),
        Figures.small(limit.map(Xml::text).orElse("")),
        Figures.small(power.text("default_power_limit")),
        vramMiB,
        Figures.whole(memory.text("fb_memory_usage/free")),
        processes.stream().map(NvidiaSmi::process).toList(),
        reported(card));
  }

  /** Processes that only draw hold little and are no lease's business. */
  private static List<Xml> processes(Xml card) {
    return card.at("processes").map(all -> all.children("process_info")).orElse(List.of()).stream()
        .filter(process -> process.text("type").contains("C"))
        .toList();
  }

  private static GpuProcess process(Xml process) {
    return new GpuProcess(
        Figures.whole(process.text("pid")).orElse(0),
        process.text("process_name"),
        Figures.whole(process.text("used_memory")).orElse(0));
  }

  private static List<GpuFinding> reported(Xml card) {
    List<GpuFinding> reported = new ArrayList<>();
    for (String path :
        List.of(
            "temperature/gpu_temp",
            "clocks/sm_clock",
            "utilization/gpu_util",
            "fb_memory_usage/free")) {
      if (Figures.isBad(card.text(path))) {
        reported.add(new GpuFinding(Kind.SILENT, "%s reads '%s'".formatted(path, card.text(path))));
      }
    }
    Stream.of("clocks_event_reasons", "clocks_throttle_reasons")
        .flatMap(name -> card.at(name).stream())
        .flatMap(reasons -> reasons.children().stream())
        .filter(reason -> reason.text().equals("Active"))
        .flatMap(reason -> HOLDING.stream().filter(name -> reason.name().endsWith("_" + name)))
        .forEach(name -> reported.add(slowed(name)));
    for (String path :
        List.of(
            "gpu_reset_status/reset_required",
            "retired_pages/pending_retirement",
            "remapped_rows/remapped_row_pending",
            "remapped_rows/remapped_row_failure")) {
      if (card.text(path).equals("Yes")) {
        reported.add(new GpuFinding(Kind.UNUSABLE, "%s says Yes".formatted(path)));
      }
    }
    String recovery = card.text("gpu_recovery_action");
    if (!recovery.isEmpty() && !recovery.equals("None") && !recovery.equals("N/A")) {
      reported.add(new GpuFinding(Kind.UNUSABLE, "its driver asks to recover it: " + recovery));
    }
    if (card.text("mig_mode/current_mig").equals("Enabled")
        && card.at("mig_devices/mig_device").isEmpty()) {
      reported.add(
          new GpuFinding(Kind.UNUSABLE, "its MIG mode is on, and it is cut into no slices"));
    }
    long errors = uncorrected(card);
    if (errors > 0) {
      reported.add(uncorrected(errors));
    }
    return reported;
  }

  static GpuFinding slowed(String reason) {
    return new GpuFinding(Kind.SLOWED, "its clocks are held down: " + reason);
  }

  static GpuFinding uncorrected(long errors) {
    return new GpuFinding(
        Kind.MEMORY_ERRORS,
        errors + " memory errors since its driver was loaded could not be corrected");
  }

  /** What ECC could not correct; schema 11 sums old cards' errors up in double_bit. */
  private static long uncorrected(Xml card) {
    return Stream.of(
            "double_bit/total",
            "sram_uncorrectable",
            "sram_uncorrectable_parity",
            "sram_uncorrectable_secded",
            "dram_uncorrectable")
        .mapToLong(name -> Figures.whole(card.text("ecc_errors/volatile/" + name)).orElse(0))
        .sum();
  }
}
