package io.shardex.ops.localnet;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.MarketState;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.scheduler.NodeConfig;
import io.shardex.scheduler.SchedulerNode;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.GridConfig;
import io.shardex.scheduler.grid.IgniteGrid;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Confirmations;
import io.shardex.settlement.Contracts;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.WorkerNode;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole network on this machine: the chain as a child process, three scheduler nodes and four
 * workers in this JVM.
 */
public final class Localnet implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Localnet.class);
  static final int NODES = LocalChain.NODES;
  private static final int THRESHOLD = 2;
  private static final long REGION_BYTES = 192L << 20;
  private static final Duration GRID_PATIENCE = Duration.ofSeconds(30);
  private static final Duration READY_PATIENCE = Duration.ofSeconds(60);

  /** Work a CPU slot does in an hour, about 16,700 WU/s; prices on screen convert by it. */
  private static final WorkUnits CPU_HOUR = new WorkUnits(60_000_000);

  private static final ResourceClass CPU = new ResourceClass("cpu");
  private static final int WORKER_MEMORY_MIB = 512;
  private static final UnitPrice CPU_FIRST_PRICE = new UnitPrice(5_500_000_000L);

  private final LocalChain.Accounts accounts;
  private final CollectorRegistry metrics = new CollectorRegistry();
  private final Map<String, SchedulerNode> nodes = new LinkedHashMap<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final LocalChain chain;
  private final NetworkFile network;
  private final OperatorPort operator;

  /**
   * Starts everything and returns when the network is ready to take jobs.
   *
   * @param progress hears a line for each step
   * @throws Trouble naming what is missing or in use
   */
  public static Localnet start(LocalnetOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    return new Localnet(options, progress);
  }

  private Localnet(LocalnetOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    this.accounts = LocalChain.Accounts.of(options.seed());
    InstantSource clock = InstantSource.system();
    Path anvil = Anvil.binary(NodePackages.ofDistribution(), System.getenv());
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      progress.accept("starting the chain and the grid");
      Future<LocalChain> chainStart =
          pool.submit(
              () ->
                  opened(
                      LocalChain.start(
                          anvil,
                          options.ports().chain(),
                          options.dir().resolve("chain"),
                          accounts,
                          THRESHOLD)));
      List<IgniteGrid> grids = grids(options.dir(), clock);
      this.chain = done(chainStart);
      progress.accept("contracts are on chain, stakes are down");
      this.network = networkFile(options, chain);
      Files.write(options.dir().resolve("network.json"), network.toJson());
      progress.accept("starting " + NODES + " scheduler nodes");
      startNodes(options.dir(), grids, clock, pool);
      this.operator = opened(operatorPort(options.ports().operator()));
      await(
          "the network's first entry",
          () -> nodes.values().stream().allMatch(SchedulerNode::isReady));
      progress.accept("starting the workers");
      startWorkers(options);
      await("the workers' asks", this::allWorkersAsk);
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  // What a caller may want of it.

  public NetworkFile network() {
    return network;
  }

  /** The chain's JSON-RPC address. */
  public URI chain() {
    return chain.url();
  }

  public ChainClient chainClient() {
    return chain.client();
  }

  public Contracts contracts() {
    return chain.contracts();
  }

  /** Completes with the reason if the chain's process ends by itself. */
  public CompletableFuture<Trouble> chainDeath() {
    return chain.anvil().death();
  }

  /** A builder with tokens and gas money. */
  public SigningKey builderKey() {
    return accounts.builder();
  }

  public List<Owner> owners() {
    return accounts.owners();
  }

  public NodeAddresses gateways() {
    return NodeAddresses.parse(
        network.gateways().stream().map(Endpoint::toString).collect(Collectors.joining(",")));
  }

  /** Where the metrics are served. */
  public URI metrics() {
    return URI.create("http://127.0.0.1:" + operator.port() + "/metrics");
  }

  /** Processes of this network besides this JVM. */
  public List<Long> childPids() {
    return List.of(chain.anvil().pid());
  }

  /** What {@code query} makes of the first node's state. */
  public <T> T read(Function<MarketState, T> query) {
    return nodes.values().iterator().next().replica().read(query);
  }

  /** The running hashes of all nodes at the newest log index that each of them remembers. */
  public StateHashes stateHashes() {
    NavigableMap<Long, Digest> shared = new TreeMap<>();
    Map<String, NavigableMap<Long, Digest>> all = new LinkedHashMap<>();
    nodes.forEach((id, node) -> all.put(id, node.replica().hashes()));
    shared.putAll(all.values().iterator().next());
    all.values().forEach(hashes -> shared.keySet().retainAll(hashes.keySet()));
    long index = shared.lastKey();
    SortedMap<String, Digest> hashes = new TreeMap<>();
    all.forEach(
        (id, remembered) -> {
          Digest hash = remembered.get(index);
          if (hash != null) {
            hashes.put(id, hash);
          }
        });
    return new StateHashes(index, hashes);
  }

  /** The market's ledger in the first node's replica. */
  public MoneyTotals ledger() {
    return read(
        state -> {
          Ledger ledger = state.ledger();
          return new MoneyTotals(
              ledger.total(Kind.DEPOSITS),
              ledger.total(Kind.PAID),
              ledger.total(Kind.FEES),
              ledger.total(Kind.REFUNDED),
              ledger.total(Kind.STAKE_IN),
              Amount.ZERO);
        });
  }

  @Override
  public void close() {
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        part = parts.poll();
      }
      if (part == null) {
        return;
      }
      try {
        part.close();
      } catch (Exception e) {
        log.warn("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }

  // How it starts.

  private <T extends AutoCloseable> T opened(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  private List<IgniteGrid> grids(Path dir, InstantSource clock)
      throws IOException, InterruptedException {
    List<int[]> ports = new ArrayList<>();
    List<String> members = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      int[] pair = {LoopbackPort.free(), LoopbackPort.free()};
      ports.add(pair);
      members.add("127.0.0.1:" + pair[0]);
    }
    List<IgniteGrid> grids = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      String id = nodeId(i);
      grids.add(
          opened(
              IgniteGrid.start(
                  new GridConfig(
                      id,
                      "127.0.0.1",
                      ports.get(i)[0],
                      ports.get(i)[1],
                      members,
                      dir.resolve(id).resolve("grid"),
                      REGION_BYTES,
                      false,
                      new BlobQuota(
                          GridConfig.largestQuota(REGION_BYTES),
                          GridConfig.largestQuota(REGION_BYTES)),
                      Duration.ofHours(1)),
                  clock)));
    }
    for (IgniteGrid grid : grids) {
      if (!grid.awaitActive(GRID_PATIENCE)) {
        throw new Trouble(
            ExitCode.FAILED, "the grid did not become active", "see shardex.log in " + dir);
      }
    }
    return grids;
  }

  private NetworkFile networkFile(LocalnetOptions options, LocalChain chain) throws IOException {
    List<NodeEntry> entries = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      int gateway = options.ports().gateway();
      entries.add(
          new NodeEntry(
              nodeId(i),
              new Endpoint("127.0.0.1", gateway == 0 ? LoopbackPort.free() : gateway + i),
              new Endpoint("127.0.0.1", LoopbackPort.free()),
              LoopbackPort.free()));
    }
    Contracts contracts = chain.contracts();
    Address treasury = SigningKey.fromSeed(options.seed(), "treasury").address();
    Network born =
        new Network(
            contracts.chainId(),
            contracts.escrow(),
            contracts.stakeVault(),
            contracts.settlement(),
            contracts.token(),
            contracts.startBlock(),
            treasury,
            accounts.validatorAddresses(),
            THRESHOLD,
            List.of(new Network.ClassTerms(CPU, CPU_FIRST_PRICE, CPU_HOUR)),
            Rules.local());
    return new NetworkFile(born, entries, List.of(chain.url().toString()));
  }

  private void startNodes(
      Path dir, List<IgniteGrid> grids, InstantSource clock, ExecutorService pool)
      throws IOException, InterruptedException {
    List<Callable<SchedulerNode>> starts = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      NodeConfig config =
          new NodeConfig(
              nodeId(i),
              accounts.validators().get(i),
              network,
              dir.resolve(nodeId(i)),
              new Confirmations(3));
      SchedulerNode.Ground ground =
          new SchedulerNode.Ground(grids.get(i), chain.client(), new CollectorRegistry(), clock);
      starts.add(() -> opened(SchedulerNode.start(config, ground)));
      registries.add(ground.metrics());
    }
    List<Future<SchedulerNode>> started = pool.invokeAll(starts);
    for (int i = 0; i < NODES; i++) {
      nodes.put(nodeId(i), done(started.get(i)));
    }
  }

  private final List<CollectorRegistry> registries = new ArrayList<>();

  private OperatorPort operatorPort(int port) throws IOException {
    DefaultExports.register(metrics);
    registries.add(metrics);
    Map<String, BooleanSupplier> ready = new TreeMap<>();
    nodes.forEach((id, node) -> ready.put(id, node::isReady));
    return OperatorPort.open(
        port,
        registries,
        () -> nodes.values().stream().noneMatch(node -> node.stopped().isDone()),
        ready);
  }

  private void startWorkers(LocalnetOptions options) throws IOException {
    WorkerMetrics meters = new WorkerMetrics(metrics);
    for (Owner owner : accounts.owners()) {
      for (String name : owner.workers()) {
        WorkerConfig config = worker(name, owner, options);
        opened(WorkerNode.start(config, meters));
      }
    }
  }

  private WorkerConfig worker(String name, Owner owner, LocalnetOptions options) {
    SigningKey hot = SigningKey.fromSeed(options.seed(), name);
    EnvelopeSigner signer =
        new EnvelopeSigner(
            owner.key(),
            network.network(),
            new Nonces(InstantSource.system()),
            InstantSource.system());
    return new WorkerConfig(
        name,
        network.network(),
        gateways(),
        hot,
        owner.address(),
        signer.endorse(hot.address()),
        CPU,
        WORKER_MEMORY_MIB,
        owner.reserve(),
        options.dir().resolve(name),
        WorkerConfig.THREADS,
        WorkerConfig.CACHE_BYTES);
  }

  private boolean allWorkersAsk() {
    long wanted = accounts.owners().stream().mapToLong(owner -> owner.workers().size()).sum();
    return read(
        state ->
            state.workers().values().stream().filter(worker -> worker.ask().isPresent()).count()
                == wanted);
  }

  private static String nodeId(int index) {
    return "node-" + (index + 1);
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new Trouble(
            ExitCode.FAILED,
            what + " did not come within " + READY_PATIENCE.toSeconds() + " s",
            "see shardex.log in the state folder");
      }
      Thread.sleep(20);
    }
  }

  private static <T> T done(Future<T> future) throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }
}
