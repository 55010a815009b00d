package io.shardex.ops.role;

import io.shardex.market.Network;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.NodeStatus;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.tls.TrustRoots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What one node's gateway says to anybody who asks. */
record Gateway(NodeStatus status, Network network) {
  /** A person waits; a node that is alive answers in milliseconds. */
  private static final Patience IMPATIENT =
      new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2));

  /** Asks a gateway; throws {@link io.shardex.protocol.client.ClientFailure}. */
  interface Asking {
    Gateway ask(NodeAddress address, Optional<TrustRoots> ca);
  }

  /** Asks over the network, without a key. */
  static Gateway ask(NodeAddress address, Optional<TrustRoots> ca) {
    try (Nodes one = Nodes.openPublic(new NodeAddresses(List.of(address), ca), IMPATIENT)) {
      MarketClient client = new MarketClient(one);
      return new Gateway(client.status(), client.network());
    }
  }
}
