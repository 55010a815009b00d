package io.shardex.ops.bench;

import io.shardex.cli.InputRefused;
import io.shardex.cli.Stalled;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Figures of a network of processes: how soon it is ready, serves, recovers, and what it takes. */
final class NetworkFigures {
  private static final int WORKERS = 4;

  private final Path dir;
  private final Path net;
  private final Set<Part> parts;
  private final Consumer<String> progress;
  private final List<Figure> figures = new ArrayList<>();

  /**
   * One of them.
   *
   * @param better {@code lower} or {@code higher}
   */
  record Figure(String name, double value, String unit, String better, double goal) {
    /** One of which lower is better. */
    Figure(String name, double value, String unit, double goal) {
      this(name, value, unit, "lower", goal);
    }
  }

  /** What may be measured alone; how soon the network is ready always is. */
  enum Part {
    IDLE,
    FIRST_LEASE,
    TAKEOVER,
    RESTART;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private NetworkFigures(Path dir, Set<Part> parts, Consumer<String> progress) {
    this.dir = dir;
    this.net = dir.resolve("net");
    this.parts = parts;
    this.progress = progress;
  }

  /**
   * Founds a network, stops it, starts it again and measures.
   *
   * @param progress hears of each step, and of each process' share
   */
  static List<Figure> measure(Path dir, Set<Part> parts, Consumer<String> progress)
      throws IOException, InterruptedException, InputRefused, Stalled {
    NetworkFigures one = new NetworkFigures(dir, parts, progress);
    one.measure();
    return one.figures;
  }

  private void measure() throws IOException, InterruptedException, InputRefused, Stalled {
    try (UpProcess up = UpProcess.found(net, dir.resolve("1.out"), WORKERS)) {
      progress.accept(
          "founded and ready after %.1f s; loaded classes are archived at the first stop"
              .formatted(up.ready().orElseThrow()));
    }
    LogFill log = new LogFill(net);
    try (UpProcess up = UpProcess.resume(net, dir.resolve("2.out"))) {
      add("ready_seconds", up.ready().orElseThrow(), "s", 40);
      if (parts.contains(Part.IDLE)) {
        idle();
      }
      if (parts.contains(Part.FIRST_LEASE)) {
        firstLease(up);
      }
      if (parts.contains(Part.TAKEOVER)) {
        add("takeover_p95_seconds", Percentile.p95(Takeover.measure(up, progress)), "s", 5);
      }
      if (parts.contains(Part.RESTART)) {
        log.fill(up, progress);
        up.killAll();
      }
    }
    if (parts.contains(Part.RESTART)) {
      restart(log);
    }
  }

  private void add(String name, double value, String unit, double goal) {
    figures.add(new Figure(name, value, unit, goal));
    progress.accept(String.format(Locale.ROOT, "%s %.3f %s", name, value, unit));
  }

  private void firstLease(UpProcess up)
      throws IOException, InterruptedException, InputRefused, Stalled {
    List<FirstLease.Waited> all = FirstLease.measure(up, dir, WORKERS, progress);
    List<Double> started = all.stream().map(FirstLease.Waited::started).toList();
    progress.accept(
        "from funded to training begun: %.3f s at p50, %.3f s at p95"
            .formatted(Percentile.p50(started), Percentile.p95(started)));
    add(
        "funded_to_first_lease_p95_seconds",
        Percentile.p95(all.stream().map(FirstLease.Waited::leased).toList()),
        "s",
        1);
  }

  /** Everything was killed: what the nodes have of the log is on their disks. */
  private void restart(LogFill log) throws IOException, InterruptedException {
    int commands = log.behind();
    if (commands < LogFill.COMMANDS) {
      throw new Broken(
          "a snapshot came between: %d commands lie behind the newest".formatted(commands));
    }
    try (UpProcess up = UpProcess.resume(net, dir.resolve("3.out"));
        Nodes nodes = Nodes.openPublic(NodeAddresses.of(up.network()), Patience.USUAL)) {
      long index = new MarketClient(nodes).status().index();
      if (index < log.last()) {
        throw new Broken(
            "entry %d was accepted, but a node that is ready has applied %d only"
                .formatted(log.last(), index));
      }
      add("restart_seconds", up.ready().orElseThrow(), "s", 40);
    }
  }

  private void idle() throws IOException, InterruptedException {
    double share = 0;
    double memory = 0;
    for (Idling process : Idling.measure(net, progress)) {
      progress.accept(process.toString());
      share += process.corePercent();
      memory += process.peakMib();
    }
    add("idle_core_percent", share, "%", 25);
    add("rss_mib", memory, "MiB", 4096);
  }
}
