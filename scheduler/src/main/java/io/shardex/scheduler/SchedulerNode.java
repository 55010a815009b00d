package io.shardex.scheduler;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.prometheus.client.CollectorRegistry;
import io.shardex.consensus.Replica;
import io.shardex.consensus.ReplicaListener;
import io.shardex.market.Address;
import io.shardex.market.FactValue;
import io.shardex.market.Network;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.SealedBatch;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.BeaconChain;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.attest.Attestor;
import io.shardex.scheduler.attest.BatchWitness;
import io.shardex.scheduler.attest.ChainWitness;
import io.shardex.scheduler.attest.CheckpointWitness;
import io.shardex.scheduler.attest.DisputeWitness;
import io.shardex.scheduler.attest.HardwareWitness;
import io.shardex.scheduler.attest.Patience;
import io.shardex.scheduler.attest.ResultWitness;
import io.shardex.scheduler.attest.RoundWitness;
import io.shardex.scheduler.attest.TermsWitness;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witnesses;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.gateway.Gateway;
import io.shardex.scheduler.gateway.GatewayConfig;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.GridHost;
import io.shardex.scheduler.heart.Heart;
import io.shardex.scheduler.metrics.NodeGauges;
import io.shardex.scheduler.metrics.NodeMetrics;
import io.shardex.scheduler.replica.LogWriter;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.ValidatorVoice;
import io.shardex.scheduler.settle.ChainWatch;
import io.shardex.scheduler.settle.SettlementOutbox;
import io.shardex.settlement.BatchEncoding;
import io.shardex.settlement.BatchSender;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainEvents;
import io.shardex.settlement.ChainFailure;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Pace;
import io.shardex.settlement.TransactionSender;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A scheduler node: one replica of the market and one validator, wired together. */
public final class SchedulerNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SchedulerNode.class);
  private static final Duration RESULT_PATIENCE = Duration.ofSeconds(3);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration LOOK_AT_CHAIN = Duration.ofSeconds(1);

  /** Half the timers' wake-ups of the default; no pause here is as short as two ticks. */
  private static final Config TICKS =
      ConfigFactory.parseMap(Map.of("pekko.scheduler.tick-duration", "20ms"));

  private final String id;
  private final MarketReplica replica;
  private final NodeMarket market;
  private final BlobGrid grid;
  private final Gateway gateway;
  private final NodeMetrics counts;
  private final CompletableFuture<Optional<Throwable>> stopped = new CompletableFuture<>();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** What a node stands on that others may have started for it. */
  public record Ground(
      BlobGrid grid, ChainClient chain, CollectorRegistry metrics, InstantSource clock) {}

  /**
   * Starts a node. Its replica, gateway and actors run when this returns; it is ready once a leader
   * is elected, the network is born and the grid active.
   *
   * @param ground the grid and the chain client stay the caller's to close, after the node
   * @throws LostLog if it has voted before, and its log is gone
   * @throws IOException if the log cannot be opened or a port is in use
   */
  public static SchedulerNode start(NodeConfig config, Ground ground) throws IOException {
    return new SchedulerNode(config, ground);
  }

  /**
   * Looks whether a start could go on with the node's log, before what it stands on is started.
   *
   * @throws LostLog if it has voted before, and its log is gone
   * @throws IOException if the mark cannot be read
   */
  public static void requireLog(NodeConfig config) throws IOException {
    var unused = place(config);
  }

  private SchedulerNode(NodeConfig config, Ground ground) throws IOException {
    this.id = config.id();
    this.grid = ground.grid();
    Network network = config.network().network();
    RaftPlace place = place(config);
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    // Not its close(), which would wait for calls to a chain that may be away.
    opened(blocking::shutdownNow);
    // Not virtual: to look can be to compute for long, and virtual threads share a carrier a core.
    ExecutorService looks =
        Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name(id + "-look-", 0).factory());
    opened(looks::shutdownNow);
    this.counts = new NodeMetrics(id, ground.metrics());
    CommittedEvents events = opened(new CommittedEvents(20_000, 4_096));
    AuthorRecovery authors = new AuthorRecovery(TypedData.of(network), blocking, 2);
    try {
      NodeHistory history = opened(NodeHistory.open(config.folder(), NetworkId.of(network)));
      this.replica = new MarketReplica(network, authors, events, counts, history);
      Replica raft = opened(Replica.start(place.replica(), replica, new Told(config, place)));
      if (place.incarnation() > 0 && !raft.isMember()) {
        throw new UnfinishedReplacement(id, place.peer());
      }
      LogWriter writer = new LogWriter(raft);
      EnvelopeSigner signer =
          new EnvelopeSigner(
              config.validator(), network, new Nonces(ground.clock()), ground.clock());
      ValidatorVoice voice = new ValidatorVoice(signer, writer);
      CatchUp catchUp =
          CatchUp.begin(
              raft::readIndex,
              CompletableFuture.delayedExecutor(PAUSE.toMillis(), MILLISECONDS),
              blocking::isShutdown);
      this.market = new NodeMarket(raft, replica, writer, voice, events, history, catchUp);
      ChainWatch watch = opened(ChainWatch.start(ground.chain(), config.depth(), LOOK_AT_CHAIN));
      ActorSystem<Void> actors =
          actors(
              Heart.create(
                  replica,
                  voice,
                  ground.clock(),
                  watch::finalBlock,
                  number -> BeaconChain.of(config.validator(), NetworkId.of(network), number)),
              Attestor.create(
                  replica,
                  voice,
                  witnesses(network, ground, voice.address(), counts),
                  looks,
                  catchUp::isDone,
                  counts),
              SettlementOutbox.create(
                  replica,
                  settling(config, network, ground.chain()),
                  blocking,
                  Duration.ofSeconds(5L * config.rank())),
              events);
      this.gateway =
          opened(
              Gateway.start(
                  GatewayConfig.usual(config.bind(), config.entry().gateway().port(), config.tls()),
                  market,
                  ground.grid(),
                  counts,
                  ground.clock(),
                  actors));
      GridHost host = opened(GridHost.start(replica, ground.grid(), Duration.ofMinutes(1)));
      opened(events.subscribe(host::hear));
      new NodeGauges(
              id,
              replica,
              new NodeGauges.Sources(
                  raft::status,
                  ground.grid()::status,
                  watch::isUp,
                  watch::finalBlock,
                  this::isReady,
                  history.log(),
                  place.folder(),
                  config.tls().map(NodeCertificate::expires),
                  ground.clock()),
              counts)
          .register(ground.metrics());
      bringToLife(network, writer, blocking);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Whether it has a leader, is up to date, its network is born, and it is in the grid with a
   * majority. While the grid alone is away, clients are still served what needs no blobs.
   */
  public boolean isReady() {
    return market.ready() && grid.status().isReady();
  }

  public MarketReplica replica() {
    return replica;
  }

  /** CPU-seconds this validator spent on executing disputed shards. */
  public double executionSeconds() {
    return counts.executionSeconds();
  }

  /** The port the gateway listens on. */
  public int gatewayPort() {
    return gateway.address().port();
  }

  /**
   * Completes when the node stopped by itself, with the failure that stopped it if there is one.
   */
  public CompletableFuture<Optional<Throwable>> stopped() {
    return stopped;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("node {}: {} did not close", id, part.getClass().getSimpleName(), e);
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** A network that lives no longer than its process needs no mark. */
  private static RaftPlace place(NodeConfig config) throws IOException {
    return config.voteMark().isPresent()
        ? new VoteMark(config.voteMark().get(), config.network().identity()).place(config)
        : new RaftPlace(config, 0);
  }

  private Witnesses witnesses(
      Network network, Ground ground, Address validator, NodeMetrics counts) {
    ChainEvents chain = new ChainEvents(ground.chain(), Contracts.of(network));
    Patience patience = new Patience(ground.clock(), RESULT_PATIENCE);
    return new Witnesses(
        new ChainWitness(replica, (from, to, most) -> page(chain, from, to, most)),
        new TermsWitness(replica, ground.grid(), validator),
        new RoundWitness(replica, ground.grid(), validator, patience),
        new ResultWitness(replica, ground.grid(), patience),
        new BatchWitness(replica, BatchEncoding::digest),
        opened(new DisputeWitness(replica, ground.grid(), validator, counts::executed)),
        new CheckpointWitness(replica),
        new HardwareWitness(replica, ground.grid()));
  }

  private static FactValue.ChainPage page(ChainEvents chain, long from, long to, int most)
      throws CannotTell {
    try {
      return chain.page(from, to, most);
    } catch (ChainFailure e) {
      throw new CannotTell("the chain cannot be read: " + e.getMessage(), e);
    }
  }

  private SettlementOutbox.Chain settling(NodeConfig config, Network network, ChainClient chain) {
    BatchSender sender = new BatchSender(chain, Contracts.of(network));
    TransactionSender account =
        new TransactionSender(
            chain, config.validator(), Pace.of(chain.chainId()).withConfirmations(config.depth()));
    return (SealedBatch batch) ->
        sender.settle(account, batch, replica.read(state -> state.chain().block()));
  }

  /** The node's actors under one guardian, told of each change of the state, once a burst. */
  private ActorSystem<Void> actors(
      Behavior<Heart.Message> heart,
      Behavior<Attestor.Message> attestor,
      Behavior<SettlementOutbox.Message> outbox,
      CommittedEvents events) {
    CompletableFuture<Void> built = new CompletableFuture<>();
    Behavior<Void> guardian =
        Behaviors.setup(
            context -> {
              ActorRef<Heart.Message> beating = context.spawn(heart, "heart");
              ActorRef<Attestor.Message> voting = context.spawn(attestor, "attestor");
              ActorRef<SettlementOutbox.Message> sending = context.spawn(outbox, "outbox");
              opened(
                  events.subscribe(
                      committed -> {
                        beating.tell(new Heart.Changed());
                        voting.tell(new Attestor.Changed());
                        sending.tell(new SettlementOutbox.Changed());
                      }));
              built.complete(null);
              return Behaviors.empty();
            });
    ActorSystem<Void> system =
        ActorSystem.create(guardian, "node-" + id, TICKS.withFallback(ConfigFactory.load()));
    opened(
        () -> {
          system.terminate();
          system.getWhenTerminated().toCompletableFuture().get(STOP.toMillis(), MILLISECONDS);
        });
    built.join();
    return system;
  }

  /** Proposes the first entry until the log has one; an equal second one changes nothing. */
  private void bringToLife(Network network, LogWriter writer, ExecutorService blocking) {
    if (replica.read(MarketState::isBorn)) {
      return;
    }
    CompletableFuture<?> unused =
        writer
            .write(EnvelopeSigner.genesis(network))
            .whenComplete(
                (written, failure) -> {
                  if (failure != null && !blocking.isShutdown()) {
                    bringToLife(network, writer, blocking);
                  }
                });
  }

  private final class Told implements ReplicaListener {
    private final NodeConfig config;
    private final RaftPlace place;

    Told(NodeConfig config, RaftPlace place) {
      this.config = config;
      this.place = place;
    }

    @Override
    public void beforeVoting() throws IOException {
      if (config.voteMark().isPresent()) {
        new VoteMark(config.voteMark().get(), config.network().identity())
            .write(place.incarnation());
      }
    }

    @Override
    public void onClosed(Optional<Throwable> reason) {
      log.error("node {} stopped: its log is closed", id, reason.orElse(null));
      stopped.complete(reason);
    }
  }
}
