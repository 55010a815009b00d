package io.shardex.ops.localnet;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.market.Network;
import io.shardex.market.state.MarketState;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Folders;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.Localnet.Stages;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.scheduler.NodeConfig;
import io.shardex.scheduler.SchedulerNode;
import io.shardex.scheduler.gateway.GatewayPortInUse;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.GridConfig;
import io.shardex.scheduler.grid.IgniteGrid;
import io.shardex.settlement.Confirmations;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerAgent;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.Placement;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The way a local network comes up: chain beside grid, then the nodes, then the workers. */
final class LocalnetStart {
  private static final int NODES = LocalChain.NODES;
  private static final int THRESHOLD = 2;
  private static final int DEPTH = 3;
  private static final String HOST = "127.0.0.1";
  private static final long REGION_BYTES = 192L << 20;
  private static final Duration GRID_PATIENCE = Duration.ofSeconds(30);
  private static final Duration READY_PATIENCE = Duration.ofSeconds(60);

  private static final int WORKER_MEMORY_MIB = 512;

  private final LocalnetOptions options;
  private final Consumer<String> progress;
  private final LocalChain.Accounts accounts;
  private final InstantSource clock = InstantSource.system();
  private final CollectorRegistry metrics = new CollectorRegistry();
  private final Stages stages = new Stages();

  /** Never completes while there is no chain. */
  private CompletableFuture<Trouble> chainDeath = new CompletableFuture<>();

  LocalnetStart(LocalnetOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.accounts = LocalChain.Accounts.of(options.seed(), options.liar());
  }

  /** Returns the network when it is ready to take jobs, or throws and leaves nothing running. */
  Localnet run() throws IOException, InterruptedException {
    try {
      return start();
    } catch (IOException | InterruptedException | RuntimeException e) {
      Trouble death = chainDeath.getNow(null); // asked before the chain is closed in order
      stages.close();
      if (death != null) {
        death.addSuppressed(e);
        throw death;
      }
      throw e;
    }
  }

  private Localnet start() throws IOException, InterruptedException {
    options.ports().requireFree();
    progress.accept("starting the chain and the grid");
    Ground ground = chainAndGrid();
    progress.accept("contracts are on chain, stakes are down");
    progress.accept("starting " + NODES + " scheduler nodes");
    Running running = FreePorts.start(ports -> nodes(ground, ports));
    Files.write(options.dir().resolve("network.json"), running.network().toJson());
    OperatorPort operator = stages.front().add(operatorPort(running));
    Localnet localnet =
        new Localnet(
            accounts,
            ground.chain(),
            running.network(),
            running.nodes(),
            operator,
            new WorkerMetrics(metrics),
            stages);
    await(
        "the network's first entry",
        () -> running.nodes().values().stream().allMatch(SchedulerNode::isReady));
    progress.accept("starting the workers");
    startWorkers(localnet);
    await("the workers' asks", () -> localnet.read(this::allWorkersAsk));
    return localnet;
  }

  // Chain and grid: neither needs the other.

  private record Ground(LocalChain chain, Grids grids) {
    List<Integer> discovery() {
      return grids.discovery();
    }
  }

  private record Grids(List<IgniteGrid> nodes, List<Integer> discovery) {}

  private Ground chainAndGrid() throws IOException, InterruptedException {
    try (ExecutorService threads = Together.threads()) {
      Future<LocalChain> chain =
          threads.submit(
              () ->
                  stages
                      .chain()
                      .add(
                          LocalChain.start(
                              options.anvil(),
                              options.ports().chain(),
                              options.dir().resolve("chain"),
                              accounts,
                              THRESHOLD)));
      try {
        Grids grids = FreePorts.start(this::grids);
        LocalChain started = done(chain);
        chainDeath = started.anvil().death();
        return new Ground(started, grids);
      } finally {
        chain.cancel(true); // nothing when it is done
      }
    }
  }

  private Grids grids(FreePorts ports) throws IOException, InterruptedException {
    List<Integer> discovery = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      discovery.add(ports.pick());
    }
    List<String> members = discovery.stream().map(port -> HOST + ":" + port).toList();
    List<GridConfig> configs = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      configs.add(
          new GridConfig(
              nodeId(i),
              HOST,
              discovery.get(i),
              ports.pick(),
              members,
              folder(i).resolve("grid"),
              REGION_BYTES,
              false,
              new BlobQuota(
                  GridConfig.largestQuota(REGION_BYTES), GridConfig.largestQuota(REGION_BYTES)),
              Duration.ofHours(1)));
    }
    try {
      List<IgniteGrid> grids = new ArrayList<>();
      for (GridConfig config : configs) {
        grids.add(stages.grids().add(IgniteGrid.start(config, clock)));
      }
      awaitActive(grids);
      return new Grids(grids, discovery);
    } catch (InterruptedException | RuntimeException e) {
      stages.grids().close();
      throw e;
    }
  }

  private void awaitActive(List<IgniteGrid> grids) throws InterruptedException {
    for (IgniteGrid grid : grids) {
      if (!grid.awaitActive(GRID_PATIENCE)) {
        throw new Trouble(
            ExitCode.FAILED,
            "the grid did not become active within " + GRID_PATIENCE.toSeconds() + " s",
            "See shardex.log in " + options.dir());
      }
    }
  }

  // The nodes.

  private record Running(
      NetworkFile network,
      SortedMap<String, SchedulerNode> nodes,
      List<CollectorRegistry> registries) {}

  private Running nodes(Ground ground, FreePorts ports) throws IOException, InterruptedException {
    NetworkFile network = networkFile(ground, ports);
    List<Path> founded = new ArrayList<>();
    List<CollectorRegistry> registries = new ArrayList<>();
    List<Callable<SchedulerNode>> starts = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      Path log = folder(i).resolve("raft");
      if (!Files.exists(log)) {
        founded.add(log);
      }
      NodeConfig config =
          new NodeConfig(
              nodeId(i),
              accounts.validators().get(i),
              network,
              folder(i),
              new Confirmations(DEPTH),
              Optional.empty());
      SchedulerNode.Ground below =
          new SchedulerNode.Ground(
              ground.grids().nodes().get(i),
              ground.chain().client(),
              new CollectorRegistry(),
              clock);
      registries.add(below.metrics());
      starts.add(() -> stages.nodes().add(SchedulerNode.start(config, below)));
    }
    try {
      SortedMap<String, SchedulerNode> nodes = new TreeMap<>();
      atOnce(starts).forEach(node -> nodes.put(nodeId(nodes.size()), node));
      return new Running(network, nodes, registries);
    } catch (IOException | InterruptedException | RuntimeException e) {
      stages.nodes().close();
      for (Path log : founded) {
        Folders.remove(log); // it names ports that will be others next time
      }
      if (e instanceof GatewayPortInUse taken && options.ports().gateway() != 0) {
        throw LocalnetOptions.Ports.inUse(taken.port(), "a gateway", "--gateway-port");
      }
      throw e;
    }
  }

  private NetworkFile networkFile(Ground ground, FreePorts ports) throws IOException {
    LocalChain chain = ground.chain();
    List<NodeEntry> entries = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      int gateway = options.ports().gatewayOf(i);
      entries.add(
          new NodeEntry(
              nodeId(i),
              new Endpoint(HOST, gateway == 0 ? ports.pick() : gateway),
              new Endpoint(HOST, ports.pick()),
              new Endpoint(HOST, ground.discovery().get(i)),
              ports.pick()));
    }
    Network born =
        LocalTerms.network(
            chain.contracts(),
            SigningKey.fromSeed(options.seed(), "treasury").address(),
            accounts.validators(),
            THRESHOLD);
    return new NetworkFile(born, entries, List.of(chain.url().toString()));
  }

  private OperatorPort operatorPort(Running running) throws IOException {
    DefaultExports.register(metrics);
    List<CollectorRegistry> registries = new ArrayList<>(running.registries());
    registries.add(metrics);
    SortedMap<String, BooleanSupplier> ready = new TreeMap<>();
    running.nodes().forEach((id, node) -> ready.put(id, node::isReady));
    return OperatorPort.open(
        options.ports().operator(),
        registries,
        () -> running.nodes().values().stream().noneMatch(node -> node.stopped().isDone()),
        ready);
  }

  // The workers.

  /** An honest owner runs one agent, in which each of its workers is a slot. */
  private void startWorkers(Localnet localnet) throws IOException {
    for (Owner owner : accounts.owners()) {
      Path folder = options.dir().resolve(owner.name());
      List<WorkerConfig> slots =
          owner.workers().stream().map(name -> slot(name, owner, folder, localnet)).toList();
      if (owner.honest()) {
        AgentConfig agent = AgentConfig.of(owner.name(), folder, slots);
        stages.front().add(WorkerAgent.start(agent, localnet.meters()));
      } else {
        for (WorkerConfig slot : slots) {
          stages.front().add(localnet.lets(new Liar(slot, owner, options.seed(), localnet::read)));
        }
      }
    }
  }

  private WorkerConfig slot(String name, Owner owner, Path folder, Localnet localnet) {
    Network network = localnet.network().network();
    SigningKey hot = SigningKey.fromSeed(options.seed(), name);
    EnvelopeSigner signer = new EnvelopeSigner(owner.key(), network, new Nonces(clock), clock);
    return new WorkerConfig(
        name,
        network,
        localnet.gateways(),
        hot,
        owner.address(),
        signer.endorse(hot.address()),
        LocalTerms.CPU,
        WORKER_MEMORY_MIB,
        owner.reserve(),
        folder.resolve("slots").resolve(name),
        WorkerConfig.THREADS,
        Placement.ANYWHERE);
  }

  private boolean allWorkersAsk(MarketState state) {
    long wanted = accounts.owners().stream().mapToLong(owner -> owner.workers().size()).sum();
    return state.workers().values().stream().filter(worker -> worker.ask().isPresent()).count()
        == wanted;
  }

  // Where and how.

  private static String nodeId(int index) {
    return "node-" + (index + 1);
  }

  private Path folder(int node) {
    return options.dir().resolve(nodeId(node));
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (chainDeath.isDone()) {
        throw chainDeath.join();
      }
      if (System.nanoTime() > deadline) {
        throw new Trouble(
            ExitCode.FAILED,
            what + " did not come within " + READY_PATIENCE.toSeconds() + " s",
            "See shardex.log in " + options.dir());
      }
      Thread.sleep(20);
    }
  }

  /** All results in order; the first failure when all have ended. */
  private static <T> List<T> atOnce(List<Callable<T>> starts)
      throws IOException, InterruptedException {
    try (ExecutorService threads = Together.threads()) {
      List<T> started = new ArrayList<>();
      for (Future<T> start : threads.invokeAll(starts)) {
        started.add(done(start));
      }
      return started;
    }
  }

  private static <T> T done(Future<T> future) throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case InterruptedException interrupted -> throw interrupted;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
