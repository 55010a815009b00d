package io.shardex.ops.bench;

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
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What one process of a network took while nobody asked anything of it.
 *
 * @param part of the network, as its .pid file is named
 * @param corePercent of one core, over a minute that began after a minute of warming up
 * @param peakMib the most memory it ever had
 */
record Idling(String part, double corePercent, double peakMib) {
  private static final Duration WARM_UP = Duration.ofSeconds(60);
  private static final Duration WINDOW = Duration.ofSeconds(60);
  private static final double KIB_PER_MIB = 1024;

  /** Looks at each process of a network; a process that came meanwhile counts from its start. */
  static List<Idling> measure(Path net, Consumer<String> progress)
      throws IOException, InterruptedException {
    progress.accept("idling for %d s".formatted(WARM_UP.plus(WINDOW).toSeconds()));
    Thread.sleep(WARM_UP);
    Map<String, ProcessFigures> before = processes(net);
    Thread.sleep(WINDOW);
    List<Idling> all = new ArrayList<>();
    processes(net)
        .forEach(
            (part, after) -> {
              ProcessFigures earlier = before.get(part);
              double seconds = after.cpuSeconds() - (earlier == null ? 0 : earlier.cpuSeconds());
              all.add(
                  new Idling(
                      part, 100 * seconds / WINDOW.toSeconds(), after.peakRssKib() / KIB_PER_MIB));
            });
    return all;
  }

  /** A line for whoever watches. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%-9s %5.2f %% of a core, %5.0f MiB at most", part, corePercent, peakMib);
  }

  /** By part; the one that watches over them all is not among them. */
  static Map<String, ProcessFigures> processes(Path net) throws IOException {
    Map<String, ProcessFigures> found = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(net.resolve("run"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".pid")).sorted().toList()) {
        String name = String.valueOf(file.getFileName()).replace(".pid", "");
        ProcessFigures.of(Long.parseLong(Files.readString(file).strip()))
            .ifPresent(one -> found.put(name, one));
      }
    }
    return found;
  }
}
