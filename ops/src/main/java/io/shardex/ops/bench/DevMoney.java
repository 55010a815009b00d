package io.shardex.ops.bench;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.DevChain;
import java.math.BigInteger;
import java.net.URI;

/** Money that a network's development chain gives away. */
final class DevMoney {
  private static final BigInteger GAS = BigInteger.TEN.pow(19);

  private DevMoney() {}

  /** Gives gas money, and new tokens as soon as a block holds them. */
  static void give(NetworkFile network, Address who, Amount tokens) {
    DevChain chain = new DevChain(URI.create(network.rpc().getFirst()));
    chain.setGasMoney(who, GAS);
    String unused = chain.mint(network.network().token(), who, tokens);
  }
}
