package io.shardex.ops.role;

import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.NodeCertificate;
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
import java.util.stream.Stream;

/**
 * {@code node.conf}: what one scheduler node is told. Where it listens stands in the network file,
 * which all who take part share.
 *
 * @param file where this was read from
 * @param config what the scheduler needs
 * @param grid its part of the grid
 * @param rpc the chain's endpoints
 * @param leastDisk bytes that must be free on the state folder's disk, else the node stops
 * @param operatorBind the address {@code /metrics} listens on
 */
public record NodeSettings(
    Path file,
    NodeConfig config,
    GridConfig grid,
    List<URI> rpc,
    long leastDisk,
    String operatorBind) {
  private static final SortedSet<String> KEYS =
      new TreeSet<>(
          List.of(
              "network",
              "id",
              "key",
              "passphrase-file",
              "state",
              "bind",
              "operator-bind",
              "tls.certificate",
              "tls.key",
              "grid.region",
              "grid.quota",
              "chain.rpc",
              "chain.depth",
              "disk.least"));

  /** Blobs nobody refers to any more are kept so long. */
  private static final Duration UPLOAD_TTL = Duration.ofHours(1);

  private static final String LOOPBACK = "127.0.0.1";
  private static final String EVERYWHERE = "0.0.0.0";

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
    NodeEntry self =
        network.nodes().stream()
            .filter(node -> node.id().equals(id))
            .findFirst()
            .orElseThrow(
                () ->
                    conf.refused(
                        "the network file names no node '" + id + "'",
                        "Its nodes are " + network.nodes().stream().map(NodeEntry::id).toList()));
    Optional<NodeCertificate> tls = conf.certificate(network, self);
    String bind = conf.maybe("bind").orElseGet(() -> bind(self));
    NodeConfig config;
    try {
      config =
          new NodeConfig(
              id,
              conf.key(),
              network,
              state,
              new Confirmations(conf.number("chain.depth", DEPTH)),
              Optional.of(conf.file("key").resolveSibling(id + ".voted")),
              bind,
              tls);
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
        grid(conf, config),
        conf.maybe("chain.rpc").map(List::of).orElse(network.rpc()).stream()
            .map(URI::create)
            .toList(),
        conf.bytes("disk.least", LEAST_DISK_BYTES),
        conf.maybe("operator-bind").orElse(LOOPBACK));
  }

  /** A node that others reach on loopback listens there alone. */
  private static String bind(NodeEntry self) {
    boolean loopback =
        Stream.of(self.gateway(), self.raft(), self.grid()).allMatch(Endpoint::isLoopback);
    return loopback ? self.gateway().host() : EVERYWHERE;
  }

  private static GridConfig grid(RoleFile conf, NodeConfig config) {
    NodeEntry self = config.entry();
    long quota = conf.bytes("grid.quota", QUOTA_BYTES);
    try {
      return new GridConfig(
          self.id(),
          self.grid().host(),
          self.grid().port(),
          self.grid().port() + 1,
          config.network().nodes().stream().map(node -> node.grid().toString()).toList(),
          config.folder().resolve("grid"),
          conf.bytes("grid.region", REGION_BYTES),
          true,
          new BlobQuota(quota / 2, quota),
          UPLOAD_TTL,
          config.bind(),
          config.tls());
    } catch (IllegalArgumentException e) {
      throw conf.refused(
          String.valueOf(e.getMessage()), "Mend 'grid' or 'bind' there, or the network file");
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
