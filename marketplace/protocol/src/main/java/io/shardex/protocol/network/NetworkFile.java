package io.shardex.protocol.network;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.shardex.market.Network;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * {@code network.json}: what the network is, where its nodes are, and how to reach its chain. All
 * who take part hold the same file; only {@link #network} enters the log.
 *
 * @param nodes at least one, with distinct ids
 * @param rpc JSON-RPC addresses of the chain, in the order they are tried, at least one
 * @param ca who signs the nodes' certificates; with it all speak TLS, and without it, all nodes are
 *     on loopback
 */
public record NetworkFile(
    Network network,
    List<NodeEntry> nodes,
    List<String> rpc,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<TrustRoots> ca) {
  /** A network on loopback, without TLS. */
  public NetworkFile(Network network, List<NodeEntry> nodes, List<String> rpc) {
    this(network, nodes, rpc, Optional.empty());
  }

  @JsonCreator
  public NetworkFile {
    nodes = List.copyOf(nodes);
    rpc = List.copyOf(rpc);
    if (nodes.isEmpty() || rpc.isEmpty()) {
      throw new IllegalArgumentException("a network file names at least one node and one rpc");
    }
    HashSet<String> ids = new HashSet<>();
    for (NodeEntry node : nodes) {
      if (!ids.add(node.id())) {
        throw new IllegalArgumentException("two nodes have the id " + node.id());
      }
      if (ca.isEmpty()) {
        requireLoopback(node);
      }
    }
  }

  /** What tells this network from any other. */
  public NetworkId identity() {
    return NetworkId.of(network);
  }

  /** The gateways of all nodes, in the file's order. */
  public List<Endpoint> gateways() {
    return nodes.stream().map(NodeEntry::gateway).toList();
  }

  private static void requireLoopback(NodeEntry node) {
    for (Endpoint endpoint : List.of(node.gateway(), node.raft(), node.grid())) {
      if (!endpoint.isLoopback()) {
        throw new IllegalArgumentException(
            "%s listens on %s, off loopback, and the file has no 'ca': only TLS goes there"
                .formatted(node.id(), endpoint));
      }
    }
  }

  /** Reads a file of at most 1 MiB. */
  public static NetworkFile read(Path file) throws IOException, InvalidNetworkFile {
    return NetworkJson.read(file, NetworkFile.class);
  }

  /** Reads the file's bytes. */
  public static NetworkFile parse(byte[] json) throws InvalidNetworkFile {
    return NetworkJson.parse(json, NetworkFile.class);
  }

  /** The file's bytes; equal files have equal bytes. */
  public byte[] toJson() {
    return NetworkJson.print(this);
  }
}
