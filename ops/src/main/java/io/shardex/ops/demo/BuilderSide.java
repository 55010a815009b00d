package io.shardex.ops.demo;

import io.shardex.cli.ChainEscrow;
import io.shardex.cli.NodesMarketplace;
import io.shardex.market.Network;
import io.shardex.ops.localnet.Localnet;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Pace;
import io.shardex.settlement.TransactionSender;
import java.time.InstantSource;
import java.util.List;

/** What a builder holds: connections to the nodes and to the chain, and the key for both. */
record BuilderSide(Nodes nodes, ChainClient chain, NodesMarketplace market, ChainEscrow escrow)
    implements AutoCloseable {
  static BuilderSide open(Localnet localnet) {
    Network network = localnet.network().network();
    SigningKey key = localnet.builderKey();
    InstantSource clock = InstantSource.system();
    ChainClient chain = ChainClient.connect(List.of(localnet.chain()), network.chainId());
    Nodes nodes = Nodes.open(localnet.gateways(), Identity.of(key, network), Patience.USUAL);
    return new BuilderSide(
        nodes,
        chain,
        new NodesMarketplace(nodes, new EnvelopeSigner(key, network, new Nonces(clock), clock)),
        new ChainEscrow(
            chain, Contracts.of(network), new TransactionSender(chain, key, Pace.local())));
  }

  @Override
  public void close() {
    nodes.close();
    chain.close();
  }
}
