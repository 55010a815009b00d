package io.shardex.ops.prometheus;

import io.shardex.ops.demo.DemoJob;
import io.shardex.ops.faultlab.Commands;
import io.shardex.ops.faultlab.UpProcess;
import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.prometheus.LivePrometheus.Target;
import io.shardex.ops.role.WorkerSettings;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes three critical alerts fire and be resolved on a live network of processes, in a real
 * Prometheus that scrapes it, and runs every query of dashboards and rules against it.
 *
 * <p>The network has one worker. So nobody can audit it, and the validators have to execute its
 * shards: each is a dispute without an auditor. Two of three nodes freeze in the midst of one
 * ({@code NodeDown}, {@code DisputesOpen}); after they are back the chain freezes until the job has
 * ended and nobody is paid ({@code SettlementStuck}). The rules are those we ship, with a thirtieth
 * of their patience.
 */
final class AlertDrill {
  private static final double PATIENCE = 1 / 30.0;
  private static final Set<String> ALERTS = Set.of("NodeDown", "DisputesOpen", "SettlementStuck");
  private static final DemoJob.Cut CUT = new DemoJob.Cut(12_000, 2, "20%");
  private static final List<String> FROZEN = List.of("node-2", "node-3");
  private static final Duration SCRAPED = Duration.ofSeconds(30);
  private static final Duration FIRES = Duration.ofSeconds(20);
  private static final Duration RESOLVED = Duration.ofSeconds(60);
  private static final Duration JOB = Duration.ofMinutes(3);

  private final UpProcess up;
  private final LivePrometheus prometheus;
  private final NodeEntry survivor;
  private final OperatorProbe probe;
  private final long begin;

  private AlertDrill(
      UpProcess up, LivePrometheus prometheus, NodeEntry survivor, OperatorProbe probe) {
    this.up = up;
    this.prometheus = prometheus;
    this.survivor = survivor;
    this.probe = probe;
    this.begin = System.nanoTime();
  }

  /**
   * Runs the drill.
   *
   * @param arguments the folder {@code ops}, an empty folder for what it leaves
   */
  public static void main(String[] arguments) throws Exception {
    Optional<Path> binary = LivePrometheus.binary();
    if (binary.isEmpty()) {
      System.out.println("alert-drill: skipped, there is no prometheus on the PATH");
      return;
    }
    Path module = Path.of(arguments[0]).toAbsolutePath();
    Path dir = Path.of(arguments[1]).toAbsolutePath();
    Path net = dir.resolve("net");
    String rules =
        ScaledRules.of(
            Files.readString(module.resolve("prometheus").resolve(AlertRule.FILE)), PATIENCE);
    try (UpProcess up = UpProcess.found(net, dir.resolve("up.out"), 1)) {
      NetworkFile network = NetworkFile.read(net.resolve("network.json"));
      try (LivePrometheus prometheus =
              LivePrometheus.start(
                  binary.get(), targets(network, net), rules, dir.resolve("prometheus"));
          OperatorProbe probe = new OperatorProbe()) {
        prometheus.awaitTargets(SCRAPED);
        Instant scraped = Instant.now();
        new AlertDrill(up, prometheus, network.nodes().getFirst(), probe).run(module, dir, net);
        LiveCheck.Report report = LiveCheck.of(module, prometheus, scraped);
        LiveCheck.print(report);
        if (!report.failures().isEmpty()) {
          throw new IllegalStateException(report.failures().size() + " checks failed");
        }
      }
    }
  }

  private static List<Target> targets(NetworkFile network, Path net) {
    List<Target> targets = new ArrayList<>();
    for (NodeEntry node : network.nodes()) {
      targets.add(new Target(Target.NODES, "127.0.0.1:" + node.operatorPort()));
    }
    int worker = WorkerSettings.read(net.resolve("conf").resolve("worker-1.conf")).operatorPort();
    targets.add(new Target(Target.WORKERS, "127.0.0.1:" + worker));
    return targets;
  }

  private void run(Path module, Path dir, Path net) throws Exception {
    requireQuiet("before any fault");
    Commands builder = Commands.ofBuilder(dir.resolve("builder"), net);
    Path file =
        DemoJob.write(
            module.resolveSibling("examples").resolve("mnist.yaml"),
            dir,
            MnistFiles.in(NodePackages.ofDistribution()),
            1,
            CUT);
    String job =
        builder
            .run("job", "submit", file.toString(), "-o", "json")
            .require(0)
            .json()
            .path("job")
            .asText();
    tell("a job is submitted");
    freezeNodes();
    freezeChain();
    var ended = builder.run("job", "describe", job, "-o", "json").require(0).json();
    if (!ended.path("settled").asBoolean()) {
      throw new IllegalStateException("the job is not settled: " + ended);
    }
    tell("the job is settled: " + ended.path("phase").asText());
    requireQuiet("in the end");
  }

  /** Two validators are away while a dispute is open: nobody can settle it. */
  private void freezeNodes() throws Exception {
    try {
      freezeInDispute();
      fires("NodeDown");
      fires("DisputesOpen");
    } finally {
      signal("CONT", FROZEN);
    }
    resolved("NodeDown");
    resolved("DisputesOpen");
  }

  /** A dispute may be settled in the moment of the freeze, so it looks again. */
  private void freezeInDispute() throws Exception {
    long deadline = System.nanoTime() + JOB.toNanos();
    while (true) {
      up.await("a shard is in dispute", JOB, this::isInDispute);
      signal("STOP", FROZEN);
      Thread.sleep(1_000);
      if (isInDispute()) {
        tell("two of three nodes are frozen, and a dispute is open");
        return;
      }
      signal("CONT", FROZEN);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("no dispute stayed open");
      }
    }
  }

  private boolean isInDispute() {
    return probe.value(survivor.operatorPort(), "shardex_disputes_open").orElse(0.0) > 0;
  }

  /** The market ends the job, and nobody can be paid. */
  private void freezeChain() throws Exception {
    signal("STOP", List.of("chain"));
    try {
      tell("the chain is frozen");
      tell(
          "SettlementStuck fires after %d s, which the job's end takes most of"
              .formatted(prometheus.awaitFiring("SettlementStuck", JOB).toSeconds()));
    } finally {
      signal("CONT", List.of("chain"));
    }
    resolved("SettlementStuck");
  }

  private void signal(String signal, List<String> parts) throws Exception {
    for (String part : parts) {
      up.signal(signal, part);
    }
  }

  private void fires(String alert) throws InterruptedException {
    tell("%s fires after %d s".formatted(alert, prometheus.awaitFiring(alert, FIRES).toSeconds()));
  }

  private void resolved(String alert) throws InterruptedException {
    tell(
        "%s is resolved after %d s"
            .formatted(alert, prometheus.awaitResolved(alert, RESOLVED).toSeconds()));
  }

  private void requireQuiet(String when) throws Exception {
    Set<String> firing = new TreeSet<>(prometheus.firing());
    firing.retainAll(ALERTS);
    if (!firing.isEmpty()) {
      throw new IllegalStateException(firing + " must not fire " + when);
    }
    tell("none of the three alerts fires " + when);
  }

  private void tell(String line) {
    System.out.printf("%5.0f s  %s%n", (System.nanoTime() - begin) / 1e9, line);
  }
}
