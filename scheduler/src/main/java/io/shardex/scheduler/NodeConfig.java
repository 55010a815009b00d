package io.shardex.scheduler;

import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.NodeCertificate;
import io.shardex.settlement.Confirmations;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One scheduler node.
 *
 * @param id its name in the network file
 * @param validator its key: signs beats and attestations, and pays the gas of settlements
 * @param folder where the log and the snapshots are; one node a folder
 * @param depth how deep a block must lie before it counts
 * @param voteMark file outside of the folder that remembers that the node has voted; empty for a
 *     network that lives no longer than its process
 * @param bind the address that its gateway and its log listen on
 * @param tls its certificate; there if the network file names a CA, and else not
 */
public record NodeConfig(
    String id,
    SigningKey validator,
    NetworkFile network,
    Path folder,
    Confirmations depth,
    Optional<Path> voteMark,
    String bind,
    Optional<NodeCertificate> tls) {
  /** A node on loopback, without TLS. */
  public NodeConfig(
      String id,
      SigningKey validator,
      NetworkFile network,
      Path folder,
      Confirmations depth,
      Optional<Path> voteMark) {
    this(id, validator, network, folder, depth, voteMark, "127.0.0.1", Optional.empty());
  }

  /** Throws {@link IllegalArgumentException} if the network has no node of this id and key. */
  public NodeConfig {
    if (network.nodes().stream().noneMatch(node -> node.id().equals(id))) {
      throw new IllegalArgumentException("the network file names no node '" + id + "'");
    }
    if (!network.network().validators().contains(validator.address())) {
      throw new IllegalArgumentException(
          "the key " + validator.address() + " of node '" + id + "' is no validator's");
    }
    if (tls.isPresent() != network.ca().isPresent()) {
      throw new IllegalArgumentException(
          network.ca().isPresent()
              ? "the network speaks TLS, and node '" + id + "' has no certificate"
              : "node '" + id + "' has a certificate, and the network file names no CA");
    }
  }

  /** What the network file says of it. */
  public NodeEntry entry() {
    return network.nodes().stream()
        .filter(node -> node.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("checked at construction"));
  }

  /** This node's place among the validators, from 0. */
  int rank() {
    return network.network().validators().indexOf(validator.address());
  }
}
