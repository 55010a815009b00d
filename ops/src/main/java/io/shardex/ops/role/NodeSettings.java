package io.shardex.ops.role;

import io.shardex.protocol.key.SigningKey;
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
 * @param config what the scheduler needs
 * @param grid its part of the grid
 * @param rpc the chain's endpoints
 * @param operatorPort of {@code /metrics}
 */
public record NodeSettings(NodeConfig config, GridConfig grid, List<URI> rpc, int operatorPort) {
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
              "chain.depth"));

  /** Blobs nobody refers to any more are kept so long. */
  private static final Duration UPLOAD_TTL = Duration.ofHours(1);

  private static final long REGION_BYTES = 256L << 20;
  private static final long QUOTA_BYTES = 4L << 30;
  private static final int DEPTH = 3;

  /** Reads the file, the network file and the key. */
  public static NodeSettings read(Path file) {
    RoleFile conf = RoleFile.read(file, KEYS);
    NetworkFile network = conf.network();
    String id = conf.text("id");
    NodeEntry self =
        network.nodes().stream()
            .filter(node -> node.id().equals(id))
            .findFirst()
            .orElseThrow(
                () ->
                    conf.refused(
                        "the network file names no node '" + id + "'",
                        "Its nodes are " + network.nodes().stream().map(NodeEntry::id).toList()));
    SigningKey key = conf.key();
    if (!network.network().validators().contains(key.address())) {
      throw conf.refused(
          "the key " + key.address() + " is no validator's of the network",
          "Name the key file of one of " + network.network().validators());
    }
    Path state = conf.file("state", id);
    return new NodeSettings(
        new NodeConfig(
            id,
            key,
            network,
            state,
            new Confirmations(conf.number("chain.depth", DEPTH)),
            Optional.of(conf.file("key").resolveSibling(id + ".voted"))),
        grid(conf, network, self, state),
        conf.maybe("chain.rpc").map(List::of).orElse(network.rpc()).stream()
            .map(URI::create)
            .toList(),
        self.operatorPort());
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
    return config.network().nodes().stream()
        .filter(node -> node.id().equals(id()))
        .findFirst()
        .orElseThrow()
        .gateway();
  }

  /** Where its log, snapshots and blobs are. */
  public Path state() {
    return config.folder();
  }
}
