package io.shardex.worker.device;

import java.util.Optional;

/**
 * Where of its machine a slot works.
 *
 * @param cpus the only processors that its leases run on; empty for any
 * @param gpu that its leases are given; empty for none
 */
public record Placement(Optional<CpuSet> cpus, Optional<GpuShare> gpu) {
  /** On any processor, without a GPU. */
  public static final Placement ANYWHERE = new Placement(Optional.empty(), Optional.empty());
}
