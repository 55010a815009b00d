package io.shardex.scheduler.gateway;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.key.SigningKey;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Gateways on free loopback ports over one market and one grid, and clients to them. */
final class TestDoor implements AutoCloseable {
  static final Patience PATIENCE = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(15));
  static final int SUBMITS = 50;
  static final int CALLS = 500;
  static final int CALLS_AT_ONCE = 20;

  final LocalMarket market;
  final MapGrid grid = newGrid();
  private final List<Runnable> open = new ArrayList<>();

  TestDoor() {
    this(1_000);
  }

  TestDoor(int keptEvents) {
    market = new LocalMarket(keptEvents);
  }

  static MapGrid newGrid() {
    return new MapGrid(
        new BlobQuota(20L * Manifest.CHUNK_BYTES, 40L * Manifest.CHUNK_BYTES),
        Duration.ofHours(1),
        InstantSource.system());
  }

  Gateway gateway() throws IOException {
    return gateway(market);
  }

  Gateway gateway(MarketPort port) throws IOException {
    return gateway(port, 0);
  }

  Gateway gateway(int listenOn) throws IOException {
    return gateway(market, listenOn);
  }

  /** A node with another part of the grid's copies. */
  Gateway gateway(MapGrid other) throws IOException {
    return gateway(market, 0, other);
  }

  private Gateway gateway(MarketPort port, int listenOn) throws IOException {
    return gateway(port, listenOn, grid);
  }

  private Gateway gateway(MarketPort port, int listenOn, MapGrid grid) throws IOException {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "gateway-test");
    open.add(system::terminate);
    Gateway gateway =
        Gateway.start(
            config(listenOn), port, grid, GatewayMetrics.NONE, InstantSource.fixed(START), system);
    open.add(gateway::close);
    return gateway;
  }

  private static final Instant START = Instant.ofEpochMilli(LocalMarket.START_MILLIS);

  static GatewayConfig config(int port) {
    return new GatewayConfig(
        "127.0.0.1",
        port,
        Optional.empty(),
        100,
        Duration.ofHours(1),
        Duration.ofSeconds(30),
        CALLS,
        CALLS_AT_ONCE,
        SUBMITS,
        1L << 30,
        10L * Manifest.CHUNK_BYTES,
        2L * Manifest.CHUNK_BYTES);
  }

  Nodes nodes(SigningKey key, NodeAddress... addresses) {
    Nodes nodes =
        Nodes.open(NodeAddresses.of(addresses), Identity.of(key, market.network), PATIENCE);
    open.add(nodes::close);
    return nodes;
  }

  ManagedChannel channel(Gateway gateway) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(gateway.address().host(), gateway.address().port())
            .usePlaintext()
            .build();
    open.add(channel::shutdownNow);
    return channel;
  }

  Digest store(byte[] content) {
    return grid.store("test", content);
  }

  @Override
  public void close() {
    open.reversed().forEach(Runnable::run);
    market.close();
  }
}
