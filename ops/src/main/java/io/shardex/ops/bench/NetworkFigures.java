package io.shardex.ops.bench;

import io.shardex.ops.faultlab.UpProcess;
import io.shardex.ops.localnet.ProcessFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Figures of a network of processes that has nothing to do. */
final class NetworkFigures {
  private static final int WORKERS = 4;
  private static final Duration WARM_UP = Duration.ofSeconds(60);
  private static final Duration WINDOW = Duration.ofSeconds(60);
  private static final double KIB_PER_MIB = 1024;

  private NetworkFigures() {}

  /** One of them; lower is better. */
  record Figure(String name, double value, String unit, double goal) {}

  /**
   * Founds a network, stops it, and measures its next starts and its idling.
   *
   * @param progress hears of each step, and of each process' share
   */
  static List<Figure> measure(Path dir, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path net = dir.resolve("net");
    List<Figure> figures = new ArrayList<>();
    try (UpProcess up = UpProcess.found(net, dir.resolve("1.out"), WORKERS)) {
      progress.accept(
          "founded and ready after %.1f s; loaded classes are archived at the first stop"
              .formatted(up.ready().orElseThrow()));
    }
    try (UpProcess up = UpProcess.resume(net, dir.resolve("2.out"))) {
      figures.add(new Figure("ready_seconds", up.ready().orElseThrow(), "s", 40));
      progress.accept("started again and ready after %.1f s".formatted(up.ready().orElseThrow()));
      progress.accept("idling for %d s".formatted(WARM_UP.plus(WINDOW).toSeconds()));
      Thread.sleep(WARM_UP);
      Map<String, ProcessFigures> before = processes(net);
      Thread.sleep(WINDOW);
      Map<String, ProcessFigures> after = processes(net);
      double idle = 0;
      double memory = 0;
      for (Map.Entry<String, ProcessFigures> process : after.entrySet()) {
        double share =
            100
                * (process.getValue().cpuSeconds()
                    - Optional.ofNullable(before.get(process.getKey()))
                        .map(ProcessFigures::cpuSeconds)
                        .orElse(0.0))
                / WINDOW.toSeconds();
        double peak = process.getValue().peakRssKib() / KIB_PER_MIB;
        progress.accept(
            String.format(
                Locale.ROOT,
                "%-9s %5.1f %% of a core, %5.0f MiB at most",
                process.getKey(),
                share,
                peak));
        idle += share;
        memory += peak;
      }
      figures.add(new Figure("idle_core_percent", idle, "%", 25));
      figures.add(new Figure("rss_mib", memory, "MiB", 4096));
      up.killAll();
    }
    try (UpProcess up = UpProcess.resume(net, dir.resolve("3.out"))) {
      figures.add(new Figure("restart_seconds", up.ready().orElseThrow(), "s", 40));
    }
    return figures;
  }

  /** By part; the one that watches over them all is not among them. */
  private static Map<String, ProcessFigures> processes(Path net) throws IOException {
    Map<String, ProcessFigures> figures = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(net.resolve("run"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".pid")).sorted().toList()) {
        String name = String.valueOf(file.getFileName()).replace(".pid", "");
        ProcessFigures.of(Long.parseLong(Files.readString(file).strip()))
            .ifPresent(found -> figures.put(name, found));
      }
    }
    return figures;
  }
}
