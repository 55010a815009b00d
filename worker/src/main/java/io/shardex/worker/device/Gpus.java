package io.shardex.worker.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The GPUs of a machine.
 *
 * @param readings of those that were told of
 * @param faults of the drivers that are there and do not tell of theirs
 */
public record Gpus(List<GpuReading> readings, List<ToolFault> faults) {
  public Gpus {
    readings = List.copyOf(readings);
    faults = List.copyOf(faults);
  }

  /** Asks each maker's program; a program that is not there means no GPU of that maker. */
  public static Gpus here() {
    return of(BoundedTool.onPath());
  }

  static Gpus of(Tool tool) {
    List<GpuReading> readings = new ArrayList<>();
    List<ToolFault> faults = new ArrayList<>();
    // amd-smi takes rocm-smi's place where both are installed.
    for (List<GpuSource> maker :
        List.of(
            List.<GpuSource>of(new NvidiaSmi(tool)),
            List.of(new AmdSmi(tool), new RocmSmi(tool)))) {
      try {
        first(maker).ifPresent(readings::addAll);
      } catch (ToolFault e) {
        faults.add(e);
      }
    }
    return new Gpus(readings, faults);
  }

  private static Optional<List<GpuReading>> first(List<GpuSource> sources) throws ToolFault {
    for (GpuSource source : sources) {
      Optional<List<GpuReading>> told = source.read();
      if (told.isPresent()) {
        return told;
      }
    }
    return Optional.empty();
  }
}
