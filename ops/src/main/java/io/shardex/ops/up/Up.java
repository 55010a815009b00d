package io.shardex.ops.up;

import io.shardex.market.Rules;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Logs;
import io.shardex.ops.launch.OperatorProbe;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.Anvil;
import io.shardex.ops.localnet.LocalTerms;
import io.shardex.ops.localnet.LogTail;
import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.ops.localnet.NodePackages;
import io.shardex.ops.role.WorkerSettings;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Founds or resumes a network in a folder, and keeps it up until it is interrupted. */
final class Up {
  private static final int DEFAULT_WORKERS = 4;
  private static final Duration READY = Duration.ofMinutes(5);
  private static final long LOOK_MILLIS = 100;

  private final UpOptions options;
  private final Consumer<String> say;

  Up(UpOptions options, Consumer<String> say) {
    this.options = options;
    this.say = say;
  }

  /** Runs until the thread is interrupted. */
  void run() throws Exception {
    long begin = System.nanoTime();
    try (UpFolder folder = UpFolder.open(options.dir())) {
      Logs.to(folder.path());
      NodePackages packages = NodePackages.ofDistribution();
      packages.install(say);
      Path anvil = Anvil.binary(packages, System.getenv());
      if (folder.isFounded()) {
        say.accept("resuming the network in " + folder.path());
      } else {
        found(folder, anvil);
      }
      NetworkFile network = network(folder);
      if (options.tls() && network.ca().isEmpty()) {
        throw new Trouble(
            ExitCode.USAGE,
            "the network in " + folder.path() + " was founded without a CA",
            "Leave --tls out, or found another network with --dir");
      }
      List<String> workers = workers(folder);
      options.commands().ifPresent(kind -> requireCommands(kind, folder, workers));
      options.torch().ifPresent(torch -> requireTorch(torch, folder, workers));
      requireFree(network);
      try (Supervisor parts = new Supervisor(folder, options.restartAfter(), say)) {
        start(parts, folder, anvil, network, workers);
        say.accept("ready after %.1f s".formatted((System.nanoTime() - begin) / 1e9));
        tell(folder, network, workers);
        new CountDownLatch(1).await();
      }
    }
  }

  private void found(UpFolder folder, Path anvil) throws Exception {
    int workers = options.workers().orElse(DEFAULT_WORKERS);
    say.accept("founding a network in " + folder.path());
    UpPorts.Assigned ports = options.ports().assign(Founding.nodes().size(), workers);
    Rules rules = options.audits() ? LocalTerms.RULES : LocalTerms.UNAUDITED;
    new Founding(folder, ports, workers, options.tls(), options.commands(), options.torch(), rules)
        .run(anvil);
  }

  private static NetworkFile network(UpFolder folder) throws IOException {
    try {
      return NetworkFile.read(folder.network());
    } catch (InvalidNetworkFile e) {
      throw new Trouble(ExitCode.USAGE, folder.network() + ": " + e.getMessage(), "Restore it", e);
    }
  }

  /** The workers founded, the first ones of them if fewer are asked for. */
  private List<String> workers(UpFolder folder) {
    List<String> founded = new ArrayList<>();
    while (Files.exists(folder.conf(Founding.worker(founded.size())))) {
      founded.add(Founding.worker(founded.size()));
    }
    int wanted = options.workers().orElse(founded.size());
    if (wanted > founded.size()) {
      throw new Trouble(
          ExitCode.USAGE,
          "the network in %s was founded with %d workers, not %d"
              .formatted(folder.path(), founded.size(), wanted),
          "Start further ones with 'shardex worker run', or found another network with --dir");
    }
    return founded.subList(0, wanted);
  }

  /** What the workers do is said by their own files, which are not written again. */
  static void requireCommands(OciRuntime.Kind asked, UpFolder folder, List<String> workers) {
    requireFounded(
        folder,
        workers,
        config -> config.commands().runtime().equals(Optional.of(asked)),
        "--commands " + asked,
        "'commands = %s'".formatted(asked));
  }

  static void requireTorch(Path asked, UpFolder folder, List<String> workers) {
    requireFounded(
        folder,
        workers,
        config -> config.torch().equals(Optional.of(asked)),
        "--torch " + asked,
        "'torch = \"%s\"' and 'memory = %s'".formatted(asked, Founding.TORCH_MEMORY));
  }

  private static void requireFounded(
      UpFolder folder,
      List<String> workers,
      Predicate<AgentConfig> done,
      String option,
      String keys) {
    for (String name : workers) {
      Path conf = folder.conf(name);
      if (!done.test(WorkerSettings.read(conf).agent())) {
        throw new Trouble(
            ExitCode.USAGE,
            "%s of the network in %s was not founded with %s"
                .formatted(name, folder.path(), option),
            "Set %s in %s and in the other workers' files beside it,".formatted(keys, conf)
                + " or found another network with --dir");
      }
    }
  }

  private static void requireFree(NetworkFile network) {
    Map<Integer, String> ports = new LinkedHashMap<>();
    ports.put(URI.create(network.rpc().getFirst()).getPort(), "the chain");
    for (NodeEntry node : network.nodes()) {
      ports.put(node.gateway().port(), "the gateway of " + node.id());
      ports.put(node.raft().port(), "the log of " + node.id());
      ports.put(node.grid().port(), "the grid of " + node.id());
      ports.put(node.grid().port() + 1, "the grid of " + node.id());
      ports.put(node.operatorPort(), "/metrics of " + node.id());
    }
    ports.forEach(
        (port, who) -> {
          if (!LoopbackPort.isFree(port)) {
            throw Trouble.environment(
                "port " + port + " is in use, and " + who + " needs it",
                "Stop what listens there; the ports were chosen when the network was founded");
          }
        });
  }

  private void start(
      Supervisor parts, UpFolder folder, Path anvil, NetworkFile network, List<String> workers)
      throws Exception {
    parts.start(
        List.of(
            new ChainPart(
                anvil,
                URI.create(network.rpc().getFirst()).getPort(),
                network.network().chainId(),
                folder.chain())));
    say.accept(
        "starting %d nodes and %d workers".formatted(network.nodes().size(), workers.size()));
    parts.start(network.nodes().stream().map(node -> part(folder, "node", node.id())).toList());
    Map<String, Integer> ports = new LinkedHashMap<>();
    network.nodes().forEach(node -> ports.put(node.id(), node.operatorPort()));
    if (!options.processes()) {
      awaitReady(folder, ports);
    }
    parts.start(workers.stream().map(name -> part(folder, "worker", name)).toList());
    for (String name : workers) {
      ports.put(name, WorkerSettings.read(folder.conf(name)).operatorPort());
    }
    awaitReady(folder, ports);
  }

  private Part part(UpFolder folder, String role, String name) {
    Path conf = folder.conf(name);
    if (options.processes()) {
      List<String> command = new ArrayList<>();
      if (role.equals("worker")) {
        // On one machine training yields to those who wait for an answer.
        command.addAll(List.of("nice", "-n", "10"));
      }
      command.addAll(
          List.of(
              "env",
              "SHARDEX_BUILT=1",
              // One of each kind writes the archive of loaded classes; all read it.
              "SHARDEX_ARCHIVE=" + (name.endsWith("-1") ? "" : "read"),
              launcher().toString(),
              role,
              "run",
              "--config",
              conf.toString()));
      return new ChildPart(name, command, folder.output(name));
    }
    return role.equals("node") ? InProcessPart.node(name, conf) : InProcessPart.worker(name, conf);
  }

  private static Path launcher() {
    return Path.of(System.getProperty("shardex.home", ""), "ops", "shardex");
  }

  private void awaitReady(UpFolder folder, Map<String, Integer> ports) throws InterruptedException {
    long deadline = System.nanoTime() + READY.toNanos();
    try (OperatorProbe probe = new OperatorProbe()) {
      for (Map.Entry<String, Integer> part : ports.entrySet()) {
        while (!probe.isReady(part.getValue())) {
          if (System.nanoTime() > deadline) {
            Path output = folder.output(part.getKey());
            throw new Trouble(
                ExitCode.FAILED,
                "%s is not ready after %d s; it said %s"
                    .formatted(part.getKey(), READY.toSeconds(), LogTail.of(output)),
                "See %s and shardex.log in %s"
                    .formatted(output, folder.path().resolve(part.getKey())));
          }
          Thread.sleep(LOOK_MILLIS);
        }
      }
    }
  }

  private void tell(UpFolder folder, NetworkFile network, List<String> workers) {
    say.accept("chain     " + network.rpc().getFirst());
    for (NodeEntry node : network.nodes()) {
      say.accept(
          "%-9s gateway %s, metrics http://127.0.0.1:%d/metrics"
              .formatted(node.id(), node.gateway(), node.operatorPort()));
    }
    for (String name : workers) {
      say.accept(
          "%-9s metrics http://127.0.0.1:%d/metrics"
              .formatted(name, WorkerSettings.read(folder.conf(name)).operatorPort()));
    }
    say.accept("network   " + folder.network());
    say.accept("Ctrl-C stops it; the same command resumes it.");
  }
}
