package io.shardex.worker.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The GPUs of a machine.
 *
 * @param readings of those that were told of
 * @param faults what drivers say of those that they cannot tell of, of one or of all
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
        Optional<Gpus> told = first(maker);
        told.ifPresent(
            gpus -> {
              readings.addAll(gpus.readings());
              faults.addAll(gpus.faults());
            });
      } catch (ToolFault e) {
        faults.add(e);
      }
    }
    return new Gpus(readings, faults);
  }

  private static Optional<Gpus> first(List<GpuSource> sources) throws ToolFault {
    for (GpuSource source : sources) {
      Optional<Gpus> told = source.read();
      if (told.isPresent()) {
        return told;
      }
    }
    return Optional.empty();
  }
}
