package io.shardex.scheduler.gateway;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.grid.BlobGrid;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;

/**
 * The node's gRPC server. Every call runs on a virtual thread and may block on the grid; the log is
 * never waited for.
 */
public final class Gateway implements AutoCloseable {
  private static final int CALLS_PER_CONNECTION = 1_024;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final int IDLE_MINUTES = 5;
  private static final int CLOSE_SECONDS = 5;

  private final Server server;
  private final ExecutorService threads;
  private final CommittedEvents.Subscription subscription;
  private final NodeAddress address;

  private Gateway(
      Server server,
      ExecutorService threads,
      CommittedEvents.Subscription subscription,
      NodeAddress address) {
    this.server = server;
    this.threads = threads;
    this.subscription = subscription;
    this.address = address;
  }

  /**
   * Starts to listen.
   *
   * @param system where the sessions' actors live; they end with it
   * @throws GatewayPortInUse if the port is taken
   */
  public static Gateway start(
      GatewayConfig config,
      MarketPort market,
      BlobGrid grid,
      GatewayMetrics metrics,
      InstantSource clock,
      ActorSystem<?> system)
      throws IOException {
    LiveProgress progress = new LiveProgress();
    ActorRef<WorkerSessions.Message> workers =
        system.systemActorOf(
            WorkerSessions.create(market, progress),
            "worker-sessions-" + System.identityHashCode(market),
            Props.empty());
    Sessions sessions = new Sessions(config.sessions(), config.sessionLife(), clock);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(config.host(), config.port()), credentials(config))
            .executor(threads)
            .maxInboundMessageSize(WireLimits.MESSAGE_BYTES)
            .maxInboundMetadataSize(WireLimits.METADATA_BYTES)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .permitKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES)
            .intercept(
                new SessionInterceptor(
                    sessions,
                    new CallQuota(config.callsPerSecond(), config.callsAtOnce(), clock),
                    metrics))
            .addService(
                MessageCheck.of(
                    new MarketService(
                        market,
                        new Challenges(config.challengeLife(), clock),
                        sessions,
                        new Throttle<>(config.submitsPerSecond(), clock),
                        new Queries(market, progress),
                        new ArchiveSessions(clock),
                        metrics)))
            .addService(MessageCheck.of(new AgentService(market, workers, metrics, clock)))
            .addService(
                MessageCheck.of(
                    new BlobService(
                        grid,
                        new BlobGate(
                            market,
                            new BlobTickets(config.builderBlobBytes(), config.workerBlobBytes()),
                            grid),
                        new Throttle<>(config.blobBytesPerSecond(), clock),
                        threads)))
            .build();
    try {
      server.start();
    } catch (IOException e) {
      threads.shutdownNow();
      throw isInUse(e) ? new GatewayPortInUse(config.host(), config.port(), e) : e;
    }
    CommittedEvents.Subscription subscription =
        market.events().subscribe(event -> workers.tell(new WorkerSessions.FromLog(event)));
    return new Gateway(
        server, threads, subscription, new NodeAddress(config.host(), server.getPort()));
  }

  /** Clients show no certificate: who they are, they sign at login. */
  private static ServerCredentials credentials(GatewayConfig config) {
    return config
        .tls()
        .<ServerCredentials>map(
            node -> TlsServerCredentials.newBuilder().keyManager(node.keyManager()).build())
        .orElseGet(InsecureServerCredentials::create);
  }

  /** Where it listens, with the port it was given. */
  public NodeAddress address() {
    return address;
  }

  /** Refuses new calls and ends those under way. */
  @Override
  public void close() {
    subscription.close();
    server.shutdownNow();
    try {
      // The calls end on these threads: without them the clients would never hear of it.
      var unused = server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
  }

  /** The native transport has an exception of its own, so the words must tell. */
  private static boolean isInUse(IOException failure) {
    return Stream.iterate((Throwable) failure, e -> e != null, Throwable::getCause)
        .anyMatch(e -> String.valueOf(e.getMessage()).contains("in use"));
  }
}
