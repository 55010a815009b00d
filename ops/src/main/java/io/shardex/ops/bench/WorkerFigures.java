package io.shardex.ops.bench;

import io.shardex.cli.InputRefused;
import io.shardex.cli.Stalled;
import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.faultlab.UpProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Figures of the agents of a network of processes: what they take when idle, how soon they work.
 */
final class WorkerFigures {
  private static final int WORKERS = 4;

  /** Jobs whose data some worker may have to fetch yet, and whose code is cold. */
  private static final int FETCHING = 8;

  /** What may be measured alone. */
  enum Part {
    IDLE,
    LEASE,
    BLOB,
    KERNELS,
    JOB,
    COMMANDS;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private WorkerFigures() {}

  /**
   * Founds a network, stops it, starts it again and measures; kernels, and whole jobs and commands
   * on networks of their own, are measured before.
   *
   * @param progress hears of each step
   */
  static List<Figure> measure(Path dir, Set<Part> parts, Consumer<String> progress)
      throws IOException, InterruptedException, InputRefused, Stalled {
    List<Figure> figures = new ArrayList<>();
    if (parts.contains(Part.KERNELS)) {
      figures.addAll(KernelFigures.measure(dir, progress));
    }
    if (parts.contains(Part.JOB)) {
      figures.addAll(JobFigures.measure(dir.resolve("job"), progress));
    }
    if (parts.contains(Part.COMMANDS)) {
      figures.add(CommandLeases.measure(dir.resolve("commands"), progress));
    }
    if (EnumSet.of(Part.KERNELS, Part.JOB, Part.COMMANDS).containsAll(parts)) {
      return figures;
    }
    Path net = dir.resolve("net");
    try (UpProcess up = UpProcess.found(net, dir.resolve("1.out"), WORKERS)) {
      progress.accept(
          "founded and ready after %.1f s; loaded classes are archived at the first stop"
              .formatted(up.ready().orElseThrow()));
    }
    try (UpProcess up = UpProcess.resume(net, dir.resolve("2.out"))) {
      if (parts.contains(Part.IDLE)) {
        idle(net, figures, progress);
      }
      if (parts.contains(Part.LEASE)) {
        lease(up, dir, figures, progress);
      }
      if (parts.contains(Part.BLOB)) {
        figures.addAll(BlobFigures.measure(net, up.network(), dir, progress));
      }
    }
    return figures;
  }

  private static void lease(UpProcess up, Path dir, List<Figure> figures, Consumer<String> progress)
      throws IOException, InterruptedException, InputRefused, Stalled {
    List<Double> waited =
        FirstLease.measure(up, dir, WORKERS, progress).stream()
            .skip(FETCHING)
            .map(job -> job.started() - job.leased())
            .toList();
    progress.accept(
        String.format(
            Locale.ROOT, "from lease to training: %.3f s at p50", Percentile.p50(waited)));
    figures.add(new Figure("lease_to_step_seconds_reference", Percentile.p95(waited), "s", 0.5));
  }

  /** The busiest and the largest of the agents. */
  private static void idle(Path net, List<Figure> figures, Consumer<String> progress)
      throws IOException, InterruptedException {
    double busiest = 0;
    double largest = 0;
    for (Idling process : Idling.measure(net, progress)) {
      if (process.part().startsWith("worker-")) {
        progress.accept(process.toString());
        busiest = Math.max(busiest, process.corePercent());
        largest = Math.max(largest, process.peakMib());
      }
    }
    figures.add(new Figure("idle_core_percent", busiest, "%", 1));
    figures.add(new Figure("idle_agent_mib", largest, "MiB", 150));
  }
}
