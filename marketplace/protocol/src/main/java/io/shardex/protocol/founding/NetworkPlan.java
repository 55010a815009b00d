package io.shardex.protocol.founding;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.Network.ClassTerms;
import io.shardex.market.Rules;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.InvalidNetworkFile;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.protocol.network.NetworkJson;
import io.shardex.protocol.network.NodeEntry;
import io.shardex.protocol.tls.TrustRoots;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code plan.json}: what a network will be, before there is any of it. The contracts' addresses
 * follow from the deployer's nonce, so its identity is known, and operators can sign for it. The
 * network file is a function of the plan and the nodes' cards alone: whoever holds them can make it
 * again and compare.
 *
 * @param name for people; letters, digits and dashes, 1 to 32 of them
 * @param chainId the chain's id (EIP-155)
 * @param rpc JSON-RPC addresses of the chain that all who take part will use, at least one
 * @param deployer the account that will deploy the contracts
 * @param nonce of its first transaction for it
 * @param startBlock the chain's newest block when the plan was made
 * @param newToken whether the deployer makes a development token; else there is one at {@code
 *     token}
 * @param treasury who receives the fees
 * @param threshold k: how many validators make a fact true, more than half of them
 * @param classes each class with its first price
 * @param ca the network's CA; empty if all nodes are on loopback
 */
public record NetworkPlan(
    String name,
    long chainId,
    List<String> rpc,
    Address deployer,
    long nonce,
    long startBlock,
    boolean newToken,
    Address token,
    Address escrow,
    Address stakeVault,
    Address settlement,
    Address treasury,
    int threshold,
    List<ClassTerms> classes,
    Rules rules,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<TrustRoots> ca) {
  public NetworkPlan {
    rpc = List.copyOf(rpc);
    classes = List.copyOf(classes);
    if (!name.matches("[A-Za-z0-9-]{1,32}")) {
      throw new IllegalArgumentException(
          "expected a name of 1 to 32 letters, digits and dashes, but it is '" + name + "'");
    }
    if (rpc.isEmpty() || classes.isEmpty()) {
      throw new IllegalArgumentException("a plan names at least one rpc and one class");
    }
    if (threshold < 1 || nonce < 0 || startBlock < 0) {
      throw new IllegalArgumentException("threshold, nonce and startBlock are counts");
    }
  }

  /** Reads a file of at most 1 MiB. */
  public static NetworkPlan read(Path file) throws IOException, InvalidNetworkFile {
    return NetworkJson.read(file, NetworkPlan.class);
  }

  /** The file's bytes; equal plans have equal bytes. */
  public byte[] toJson() {
    return NetworkJson.print(this);
  }

  /** What the cards answer to. */
  public Digest digest() {
    return Digest.sha256(toJson());
  }

  /** What will tell the network from any other. */
  public NetworkId identity() {
    return new NetworkId(chainId, settlement);
  }

  /**
   * The network of these nodes, whatever order the cards come in.
   *
   * @throws CardRefused if a card was altered or answers another plan, if two claim the same, or if
   *     the threshold does not suit their number
   */
  public NetworkFile with(List<NodeCard> cards) throws CardRefused {
    for (NodeCard card : cards) {
      card.require(this);
    }
    requireDistinct(cards);
    requireReachable(cards);
    if (threshold * 2 <= cards.size() || threshold > cards.size()) {
      throw new CardRefused(
          "%d cards do not suit a threshold of %d, which must be more than half of them and at most"
                  .formatted(cards.size(), threshold)
              + " all",
          "Name a --card for each node, or plan anew with another --threshold");
    }
    List<NodeCard> byKey =
        cards.stream().sorted(Comparator.comparing(NodeCard::validator)).toList();
    Network network =
        new Network(
            chainId,
            escrow,
            stakeVault,
            settlement,
            token,
            startBlock,
            treasury,
            byKey.stream().map(NodeCard::validator).toList(),
            byKey.stream().map(NodeCard::beacon).toList(),
            threshold,
            classes,
            rules);
    List<NodeEntry> nodes =
        cards.stream().map(NodeCard::node).sorted(Comparator.comparing(NodeEntry::id)).toList();
    return new NetworkFile(network, nodes, rpc, ca);
  }

  /** Off loopback all is TLS. */
  private void requireReachable(List<NodeCard> cards) throws CardRefused {
    for (NodeCard card : cards) {
      NodeEntry node = card.node();
      for (Endpoint endpoint : List.of(node.gateway(), node.raft(), node.grid())) {
        if (ca.isEmpty() && !endpoint.isLoopback()) {
          throw new CardRefused(
              "the card of %s names %s, off loopback, and the plan has no CA"
                  .formatted(node.id(), endpoint),
              "Plan anew with a CA: 'shardex network plan --ca DIR'");
        }
      }
    }
  }

  private static void requireDistinct(List<NodeCard> cards) throws CardRefused {
    Map<Object, NodeCard> seen = new HashMap<>();
    for (NodeCard card : cards) {
      NodeEntry node = card.node();
      Endpoint data = new Endpoint(node.grid().host(), node.grid().port() + 1);
      for (Object claim :
          List.of(node.id(), card.validator(), node.gateway(), node.raft(), node.grid(), data)) {
        NodeCard other = seen.put(claim, card);
        if (other != null) {
          throw new CardRefused(
              "%s is claimed twice, by the cards of validators %s and %s"
                  .formatted(claim, other.validator(), card.validator()),
              "Let one of their operators run 'shardex node init' again, with another id or port");
        }
      }
    }
  }
}
