package io.shardex.scheduler.grid;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Several grid nodes in this JVM on free loopback ports. */
final class LocalGrids implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final BlobQuota QUOTA =
      new BlobQuota(20L * Manifest.CHUNK_BYTES, 30L * Manifest.CHUNK_BYTES);

  private final List<GridConfig> configs;
  private final List<IgniteGrid> grids = new ArrayList<>();

  private LocalGrids(List<GridConfig> configs) {
    this.configs = configs;
  }

  /** Starts {@code count} nodes; takes other ports if somebody was faster. */
  static LocalGrids start(int count, Path folder, boolean persistent) throws InterruptedException {
    while (true) {
      LocalGrids local = configure(count, folder, persistent);
      try {
        local.startAll();
        return local;
      } catch (PortInUse e) {
        local.close();
      }
    }
  }

  static LocalGrids configure(int count, Path folder, boolean persistent) {
    List<Integer> ports = freePorts(2 * count);
    List<String> members = ports.subList(0, count).stream().map(p -> "127.0.0.1:" + p).toList();
    return new LocalGrids(
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    new GridConfig(
                        "node-" + (i + 1),
                        "127.0.0.1",
                        ports.get(i),
                        ports.get(count + i),
                        members,
                        folder.resolve("node-" + (i + 1)),
                        48L << 20,
                        persistent,
                        QUOTA,
                        Duration.ZERO))
            .toList());
  }

  void startAll() throws InterruptedException {
    for (GridConfig config : configs) {
      grids.add(IgniteGrid.start(config, InstantSource.system()));
    }
    for (IgniteGrid grid : grids) {
      assertTrue(grid.awaitActive(PATIENCE), "the grid becomes active");
    }
  }

  IgniteGrid startNode(int index) {
    IgniteGrid grid = IgniteGrid.start(configs.get(index), InstantSource.system());
    grids.add(grid);
    return grid;
  }

  GridConfig config(int index) {
    return configs.get(index);
  }

  IgniteGrid node(int index) {
    return grids.get(index);
  }

  void stopAll() {
    grids.reversed().forEach(IgniteGrid::close);
    grids.clear();
  }

  @Override
  public void close() {
    stopAll();
  }

  /** Waits until something that happens by itself has happened. */
  static void until(String claim, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, claim);
      Thread.onSpinWait();
    }
  }

  private static List<Integer> freePorts(int count) {
    Set<ServerSocket> held = new HashSet<>();
    try {
      List<Integer> ports = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        ports.add(socket.getLocalPort());
      }
      for (ServerSocket socket : held) {
        socket.close();
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
