package io.shardex.scheduler;

import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NodeEntry;
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
 */
public record NodeConfig(
    String id,
    SigningKey validator,
    NetworkFile network,
    Path folder,
    Confirmations depth,
    Optional<Path> voteMark) {
  /** Throws {@link IllegalArgumentException} if the network has no node of this id and key. */
  public NodeConfig {
    if (network.nodes().stream().noneMatch(node -> node.id().equals(id))) {
      throw new IllegalArgumentException("the network file names no node '" + id + "'");
    }
    if (!network.network().validators().contains(validator.address())) {
      throw new IllegalArgumentException(
          "the key " + validator.address() + " of node '" + id + "' is no validator's");
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
