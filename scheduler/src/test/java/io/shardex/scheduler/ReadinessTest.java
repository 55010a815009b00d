package io.shardex.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.GridStatus;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Confirmations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");
  private static final GridStatus ALONE = new GridStatus(true, 1, 3, 0, 0, 0);
  private static final GridStatus ONE_AWAY = new GridStatus(true, 2, 3, 0, 0, 0);
  private static final GridStatus INACTIVE = new GridStatus(false, 3, 3, 0, 0, 0);

  @TempDir private Path folder;

  @Test
  void aNodeIsNotReadyWhileItIsNotInTheGridWithAMajority() throws Exception {
    MapGrid grid =
        new MapGrid(new BlobQuota(1 << 20, 1 << 20), Duration.ZERO, InstantSource.system());
    CollectorRegistry metrics = new CollectorRegistry();
    try (ChainClient chain = ChainClient.open(List.of(NOWHERE), 31_337);
        SchedulerNode node =
            SchedulerNode.start(
                config(), new SchedulerNode.Ground(grid, chain, metrics, InstantSource.system()))) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!node.isReady()) {
        assertTrue(System.nanoTime() < deadline, "the node is not ready");
        Thread.sleep(20);
      }

      grid.show(INACTIVE);
      assertEquals(List.of(false, 0.0), List.of(node.isReady(), shown(metrics)));
      grid.show(ALONE);
      assertEquals(List.of(false, 0.0), List.of(node.isReady(), shown(metrics)));
      grid.show(ONE_AWAY);
      assertEquals(List.of(true, 1.0), List.of(node.isReady(), shown(metrics)));
    }
  }

  private static double shown(CollectorRegistry metrics) {
    return metrics.getSampleValue(
        "shardex_node_ready", new String[] {"node"}, new String[] {"node-1"});
  }

  private NodeConfig config() throws IOException {
    SigningKey key = SigningKey.fromSeed(1, "validator");
    Address contract = new Address(1, 2, 3);
    Network network =
        new Network(
            31_337,
            contract,
            contract,
            contract,
            contract,
            0,
            contract,
            List.of(key.address()),
            List.of(),
            1,
            List.of(
                new Network.ClassTerms(
                    new ResourceClass("cpu"), new UnitPrice(5_000), new WorkUnits(60_000_000))),
            Rules.local());
    NodeEntry entry =
        new NodeEntry("node-1", freePort(), freePort(), freePort(), freePort().port());
    return new NodeConfig(
        "node-1",
        key,
        new NetworkFile(network, List.of(entry), List.of(NOWHERE.toString())),
        folder,
        new Confirmations(3),
        Optional.empty());
  }

  private static Endpoint freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Endpoint("127.0.0.1", socket.getLocalPort());
    }
  }
}
