package io.shardex.cli.check;

import io.shardex.cli.Unprepared;
import io.shardex.market.Network;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.network.NetworkId;
import java.time.Duration;

/** What one node's gateway says to anybody who asks. */
public record Gateway(NodeStatus status, Network network) {
  /** A person waits; a node that is alive answers in milliseconds. */
  private static final Patience IMPATIENT =
      new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2));

  /**
   * Asks without a key; throws {@link io.shardex.protocol.client.ClientFailure}.
   *
   * @param address of one gateway, with the network's CA if it has one
   */
  public static Gateway ask(NodeAddresses address) {
    try (Nodes one = Nodes.openPublic(address, IMPATIENT)) {
      MarketClient client = new MarketClient(one);
      return new Gateway(client.status(), client.network());
    }
  }

  /** Whether it is of the network and serves. */
  public String serving(NetworkId expected) throws Unprepared {
    NetworkId there = NetworkId.of(network);
    if (!there.equals(expected)) {
      throw new Unprepared(
          "%s is of network %s, not of %s".formatted(status.address(), there, expected),
          "Use the network file of these nodes");
    }
    if (!status.ready()) {
      throw new Unprepared(
          status.address() + " answers, but takes no commands yet",
          "Wait until it has caught up; its operator sees why in /readyz");
    }
    return "%s ready at index %d, block %d"
        .formatted(status.address(), status.index(), status.chainBlock());
  }
}
