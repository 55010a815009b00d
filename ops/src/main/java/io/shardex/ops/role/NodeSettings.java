package io.shardex.ops.role;

import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.scheduler.NodeConfig;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.GridConfig;
import io.shardex.settlement.Confirmations;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * {@code node.conf}: what one scheduler node is told. Where it listens stands in the network file,
 * which all who take part share.
 *
 * @param file where this was read from
 * @param config what the scheduler needs
 * @param grid its part of the grid
 * @param rpc the chain's endpoints
 * @param leastDisk bytes that must be free on the state folder's disk, else the node stops
 */
public record NodeSettings(
    Path file, NodeConfig config, GridConfig grid, List<URI> rpc, long leastDisk) {
  private static final SortedSet<String> KEYS =
      new TreeSet<>(
          List.of(
              "network",
              "id",
              "key",
              "passphrase-file",
              "state",
              "grid.region",
              "grid.quota",
              "chain.rpc",
              "chain.depth",
              "disk.least"));

  /** Blobs nobody refers to any more are kept so long. */
  private static final Duration UPLOAD_TTL = Duration.ofHours(1);

  private static final long REGION_BYTES = 256L << 20;
  private static final long QUOTA_BYTES = 4L << 30;
  private static final int DEPTH = 3;
  private static final long LEAST_DISK_BYTES = 64L << 20;

  /** Reads the file, the network file and the key. */
  public static NodeSettings read(Path file) {
    RoleFile conf = RoleFile.read(file, KEYS);
    NetworkFile network = conf.network();
    String id = conf.text("id");
    Path state = conf.file("state", id);
    NodeConfig config;
    try {
      config =
          new NodeConfig(
              id,
              conf.key(),
              network,
              state,
              new Confirmations(conf.number("chain.depth", DEPTH)),
              Optional.of(conf.file("key").resolveSibling(id + ".voted")));
    } catch (IllegalArgumentException e) {
      throw conf.refused(
          String.valueOf(e.getMessage()),
          "The network's nodes are "
              + network.nodes().stream().map(NodeEntry::id).toList()
              + ", its validators "
              + network.network().validators());
    }
    return new NodeSettings(
        conf.path(),
        config,
        grid(conf, network, config.entry(), state),
        conf.maybe("chain.rpc").map(List::of).orElse(network.rpc()).stream()
            .map(URI::create)
            .toList(),
        conf.bytes("disk.least", LEAST_DISK_BYTES));
  }

  private static GridConfig grid(RoleFile conf, NetworkFile network, NodeEntry self, Path state) {
    long quota = conf.bytes("grid.quota", QUOTA_BYTES);
    try {
      return new GridConfig(
          self.id(),
          self.grid().host(),
          self.grid().port(),
          self.grid().port() + 1,
          network.nodes().stream().map(node -> node.grid().toString()).toList(),
          state.resolve("grid"),
          conf.bytes("grid.region", REGION_BYTES),
          true,
          new BlobQuota(quota / 2, quota),
          UPLOAD_TTL);
    } catch (IllegalArgumentException e) {
      throw conf.refused(String.valueOf(e.getMessage()), "Mend 'grid' there or the network file");
    }
  }

  /** The node's name in the network file. */
  public String id() {
    return config.id();
  }

  /** Where workers and builders connect to. */
  Endpoint gateway() {
    return config.entry().gateway();
  }

  /** The port of {@code /metrics}. */
  int operatorPort() {
    return config.entry().operatorPort();
  }

  /** Where its log, snapshots and blobs are. */
  public Path state() {
    return config.folder();
  }
}
