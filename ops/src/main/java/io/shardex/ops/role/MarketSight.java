package io.shardex.ops.role;

import io.shardex.cli.check.Gateway;
import io.shardex.market.Address;
import io.shardex.market.ResourceClass;
import io.shardex.ops.launch.Trouble;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.client.StakeAccount;
import io.shardex.protocol.network.NetworkId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a new owner's machine sees of the market: which of the gateways answer, and what they say.
 *
 * @param answering the gateways that serve
 * @param complaints of the others, each a clause
 * @param prices gross, of each class in the open epoch; empty if nobody answers
 * @param stakes of each owner, as confirmed; empty if nobody can tell it
 */
record MarketSight(
    List<NodeAddress> answering,
    List<String> complaints,
    SortedMap<ResourceClass, UnitPrice> prices,
    Function<Address, Optional<StakeAccount>> stakes) {
  private static final Patience SHORT = new Patience(Duration.ofSeconds(2), Duration.ofSeconds(4));

  MarketSight {
    answering = List.copyOf(answering);
    complaints = List.copyOf(complaints);
  }

  /**
   * Asks each gateway.
   *
   * @throws Trouble if one is of another network
   */
  static MarketSight of(NodeAddresses nodes, NetworkId network) {
    List<NodeAddress> answering = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    for (NodeAddress node : nodes.nodes()) {
      try {
        Gateway there = Gateway.ask(new NodeAddresses(List.of(node), nodes.ca()));
        requireSame(node, NetworkId.of(there.network()), network);
        if (there.status().ready()) {
          answering.add(node);
        } else {
          complaints.add(node + " answers, but takes no commands yet");
        }
      } catch (ClientFailure e) {
        complaints.add(String.valueOf(e.getMessage()));
      }
    }
    SortedMap<ResourceClass, UnitPrice> prices = new TreeMap<>();
    if (!answering.isEmpty()) {
      try (Nodes open = Nodes.openPublic(nodes, SHORT)) {
        prices = new MarketClient(open).prices();
      } catch (ClientFailure e) {
        complaints.add("the prices cannot be had: " + e.getMessage());
      }
    }
    boolean heard = !answering.isEmpty();
    return new MarketSight(
        answering, complaints, prices, owner -> heard ? stake(nodes, owner) : Optional.empty());
  }

  private static void requireSame(NodeAddress node, NetworkId there, NetworkId expected) {
    if (!there.equals(expected)) {
      throw Trouble.environment(
          "%s is of network %s, and the network file is of %s".formatted(node, there, expected),
          "Use the network file of these nodes, or name other nodes");
    }
  }

  private static Optional<StakeAccount> stake(NodeAddresses nodes, Address owner) {
    try (Nodes open = Nodes.openPublic(nodes, SHORT)) {
      return Optional.of(new MarketClient(open).stake(owner));
    } catch (ClientFailure e) {
      return Optional.empty();
    }
  }
}
