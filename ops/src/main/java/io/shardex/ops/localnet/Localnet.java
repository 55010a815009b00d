package io.shardex.ops.localnet;

import io.shardex.market.Digest;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.MarketState;
import io.shardex.ops.launch.OperatorPort;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.scheduler.SchedulerNode;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.worker.WorkerNode;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A whole network on this machine: the chain as a child process, three scheduler nodes and the
 * agents of three owners, one of them with two slots, or of a liar too, in this JVM.
 */
public final class Localnet implements AutoCloseable {
  private final LocalChain.Accounts accounts;
  private final LocalChain chain;
  private final NetworkFile network;
  private final SortedMap<String, SchedulerNode> nodes;
  private final OperatorPort operator;
  private final WorkerMetrics meters;
  private final Stages stages;
  private Optional<Liar> liar = Optional.empty();

  /** What runs, each stage standing on those before it. */
  record Stages(Together chain, Together grids, Together nodes, Together front)
      implements AutoCloseable {
    Stages() {
      this(new Together(), new Together(), new Together(), new Together());
    }

    @Override
    public void close() {
      front.close();
      nodes.close();
      grids.close();
      chain.close();
    }
  }

  /**
   * Starts everything and returns when the network is ready to take jobs.
   *
   * @param progress hears a line for each step
   * @throws Trouble naming what is missing or in use; nothing is left running
   */
  public static Localnet start(LocalnetOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    return new LocalnetStart(options, progress).run();
  }

  Localnet(
      LocalChain.Accounts accounts,
      LocalChain chain,
      NetworkFile network,
      SortedMap<String, SchedulerNode> nodes,
      OperatorPort operator,
      WorkerMetrics meters,
      Stages stages) {
    this.accounts = accounts;
    this.chain = chain;
    this.network = network;
    this.nodes = nodes;
    this.operator = operator;
    this.meters = meters;
    this.stages = stages;
  }

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
    return NodeAddresses.of(network);
  }

  WorkerMetrics meters() {
    return meters;
  }

  /** Starts a liar's worker. */
  WorkerNode lets(Liar worker) throws IOException {
    liar = Optional.of(worker);
    return worker.start(meters);
  }

  /** The worker that lies, if there is one. */
  public Optional<Liar> liar() {
    return liar;
  }

  /** CPU-seconds that workers spent on audits so far. */
  public double auditSeconds() {
    return meters.auditSeconds();
  }

  /** CPU-seconds that validators spent on disputes so far. */
  public double disputeSeconds() {
    return nodes.values().stream().mapToDouble(SchedulerNode::executionSeconds).sum();
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
              ledger.total(Kind.BURNED).plus(ledger.total(Kind.COMPENSATED)));
        });
  }

  /** Ends everything; returns when the chain's process is gone. A second call does nothing. */
  @Override
  public void close() {
    stages.close();
  }
}
