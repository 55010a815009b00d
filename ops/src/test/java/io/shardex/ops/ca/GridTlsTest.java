package io.shardex.ops.ca;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.localnet.LoopbackPort;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.GridConfig;
import io.shardex.scheduler.grid.GridUnavailable;
import io.shardex.scheduler.grid.IgniteGrid;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The grid between nodes that show certificates of the network's CA. */
class GridTlsTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<Integer> ports = new ArrayList<>();

  @Test
  void nodesOfOneCaJoinAndOneOfAnotherDoesNot() throws Exception {
    Certificates ours = new Certificates(folder, "ours");
    Certificates theirs = new Certificates(folder, "theirs");
    freePorts(6);
    InstantSource clock = InstantSource.system();
    try (IgniteGrid one = IgniteGrid.start(config(0, Optional.of(ours.of("a", HOST))), clock);
        IgniteGrid two = IgniteGrid.start(config(1, Optional.of(ours.of("b", HOST))), clock)) {
      assertTrue(one.awaitActive(PATIENCE), "two of three are a majority");

      GridConfig stranger = config(2, Optional.of(theirs.of("c", HOST)));
      CompletableFuture<Integer> seen =
          CompletableFuture.supplyAsync(
              () -> {
                try (IgniteGrid grid = IgniteGrid.start(stranger, clock)) {
                  return grid.status().nodesUp();
                } catch (GridUnavailable refused) {
                  return 0;
                }
              },
              runnable -> Thread.ofPlatform().daemon().start(runnable));
      assertTrue(seen.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) <= 1, "it joined");
      assertEquals(2, one.status().nodesUp());
      assertEquals(2, two.status().nodesUp());
    }
  }

  @Test
  void withoutTlsTheGridStaysOnLoopback() throws Exception {
    freePorts(6);

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> config(0, Optional.empty(), "0.0.0.0"));
    assertTrue(String.valueOf(refused.getMessage()).contains("without TLS"), refused.getMessage());
  }

  private GridConfig config(int index, Optional<NodeCertificate> tls) {
    return config(index, tls, HOST);
  }

  private GridConfig config(int index, Optional<NodeCertificate> tls, String bind) {
    return new GridConfig(
        "tls-" + index,
        HOST,
        ports.get(index),
        ports.get(3 + index),
        ports.subList(0, 3).stream().map(port -> HOST + ":" + port).toList(),
        folder.resolve("grid-" + index),
        48L << 20,
        false,
        new BlobQuota(8L << 20, 16L << 20),
        Duration.ofHours(1),
        bind,
        tls);
  }

  private void freePorts(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      ports.add(LoopbackPort.free());
    }
  }
}
