package io.shardex.worker.device;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a GPU is, as far as its driver's program shows it; what that does not show is empty. Xid
 * errors stand in the kernel's log only: here they show by what they lead to, a lost GPU, a reset
 * that is asked for, memory errors.
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
 * @param reported what the driver itself says is wrong, in its words
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
    List<String> reported) {
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
    List<String> reasons = new ArrayList<>(reported);
    if (temperatureC.isPresent()
        && slowdownC.isPresent()
        && temperatureC.getAsInt() >= slowdownC.getAsInt()) {
      reasons.add(
          "it is %d C hot and slows down from %d C"
              .formatted(temperatureC.getAsInt(), slowdownC.getAsInt()));
    }
    if (isCapped()) {
      reasons.add(
          "its power limit is %d W, less than %d %% of its %d W"
              .formatted(
                  powerLimitWatts.getAsInt(),
                  LEAST_POWER_PERCENT,
                  usualPowerLimitWatts.getAsInt()));
    }
    for (GpuProcess process : processes) {
      if (!own.contains(process.pid())) {
        reasons.add(
            "foreign process %d (%s) holds %d MiB of it"
                .formatted(process.pid(), process.name(), process.vramMiB()));
      }
    }
    long hidden = hiddenVramMiB();
    if (hidden * 100 > vramMiB * MOST_HIDDEN_PERCENT) {
      reasons.add(
          "%d of its %d MiB are held by nobody the driver names".formatted(hidden, vramMiB));
    }
    return List.copyOf(reasons);
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
