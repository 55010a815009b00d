package io.shardex.worker.device;

import io.shardex.worker.device.GpuFinding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a GPU is, as far as its driver's program shows it; what that does not show is empty. Xid
 * errors stand in the kernel's log only ({@link KernelLog}): here they show by what they lead to, a
 * lost GPU, a reset that is asked for, memory errors.
 *
 * @param temperatureC of the hottest place that is measured, in degrees Celsius
 * @param slowdownC from where the GPU slows itself down
 * @param clockMhz of its cores now; an idle GPU clocks down
 * @param mostClockMhz they reach
 * @param powerLimitWatts in force
 * @param usualPowerLimitWatts as it was sold
 * @param vramMiB in all
 * @param freeVramMiB of it that nobody holds
 * @param processes that compute on it, whose ever they are
 * @param reported what the driver itself says is wrong
 */
public record GpuHealth(
    OptionalInt temperatureC,
    OptionalInt slowdownC,
    OptionalInt clockMhz,
    OptionalInt mostClockMhz,
    OptionalInt powerLimitWatts,
    OptionalInt usualPowerLimitWatts,
    long vramMiB,
    OptionalLong freeVramMiB,
    List<GpuProcess> processes,
    List<GpuFinding> reported) {
  /** A lower power limit makes a GPU another good than its class says. */
  private static final int LEAST_POWER_PERCENT = 80;

  /** What drivers and displays keep is less. */
  private static final int MOST_HIDDEN_PERCENT = 10;

  public GpuHealth {
    processes = List.copyOf(processes);
    reported = List.copyOf(reported);
  }

  /**
   * Why it should not be leased, a clause each; empty when it is well.
   *
   * @param own processes that may compute on it, none for a GPU that should be idle
   */
  public List<String> reasons(Set<Long> own) {
    return findings(own).stream().map(GpuFinding::what).toList();
  }

  /**
   * What is wrong with it.
   *
   * @param own processes that may compute on it
   */
  public List<GpuFinding> findings(Set<Long> own) {
    List<GpuFinding> findings = new ArrayList<>(reported);
    if (temperatureC.isPresent()
        && slowdownC.isPresent()
        && temperatureC.getAsInt() >= slowdownC.getAsInt()) {
      findings.add(
          new GpuFinding(
              Kind.HOT,
              "it is %d C hot and slows down from %d C"
                  .formatted(temperatureC.getAsInt(), slowdownC.getAsInt())));
    }
    if (isCapped()) {
      findings.add(
          new GpuFinding(
              Kind.POWER_CAPPED,
              "its power limit is %d W, less than %d %% of its %d W"
                  .formatted(
                      powerLimitWatts.getAsInt(),
                      LEAST_POWER_PERCENT,
                      usualPowerLimitWatts.getAsInt())));
    }
    for (GpuProcess process : processes) {
      if (!own.contains(process.pid())) {
        findings.add(
            new GpuFinding(
                Kind.FOREIGN_PROCESS,
                "foreign process %d (%s) holds %d MiB of it"
                    .formatted(process.pid(), process.name(), process.vramMiB())));
      }
    }
    long hidden = hiddenVramMiB();
    if (hidden * 100 > vramMiB * MOST_HIDDEN_PERCENT) {
      findings.add(
          new GpuFinding(
              Kind.MEMORY_TAKEN,
              "%d of its %d MiB are held by nobody the driver names".formatted(hidden, vramMiB)));
    }
    return List.copyOf(findings);
  }

  /** The same, where it is told elsewhere from when the GPU slows down. */
  GpuHealth slowingDownAt(OptionalInt celsius) {
    return slowdownC.isPresent()
        ? this
        : new GpuHealth(
            temperatureC,
            celsius,
            clockMhz,
            mostClockMhz,
            powerLimitWatts,
            usualPowerLimitWatts,
            vramMiB,
            freeVramMiB,
            processes,
            reported);
  }

  /** Memory that the processes could have, with what they hold already; all if it is not told. */
  long vramMiBFor(Set<Long> own) {
    long held =
        processes.stream()
            .filter(process -> own.contains(process.pid()))
            .mapToLong(GpuProcess::vramMiB)
            .sum();
    return freeVramMiB.isPresent() ? freeVramMiB.getAsLong() + held : vramMiB;
  }

  private boolean isCapped() {
    return powerLimitWatts.isPresent()
        && usualPowerLimitWatts.isPresent()
        && powerLimitWatts.getAsInt() * 100L
            < usualPowerLimitWatts.getAsInt() * (long) LEAST_POWER_PERCENT;
  }

  private long hiddenVramMiB() {
    if (freeVramMiB.isEmpty()) {
      return 0;
    }
    long held = processes.stream().mapToLong(GpuProcess::vramMiB).sum();
    return Math.max(0, vramMiB - freeVramMiB.getAsLong() - held);
  }
}
