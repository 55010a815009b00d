package io.shardex.protocol.network;

import io.shardex.market.Address;
import io.shardex.market.Network;

/** What tells one network from another: its chain and its Settlement contract there. */
public record NetworkId(long chainId, Address settlement) {
  public static NetworkId of(Network network) {
    return new NetworkId(network.chainId(), network.settlement());
  }

  /** As CAIP-10 writes an account: {@code eip155:31337:0x...}. */
  @Override
  public String toString() {
    return "eip155:" + chainId + ":" + settlement;
  }
}
