package io.shardex.ops.demo;

import io.shardex.cli.ChainEscrow;
import io.shardex.cli.NodesMarketplace;
import io.shardex.market.Network;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Pace;
import io.shardex.settlement.TransactionSender;
import java.net.URI;
import java.time.InstantSource;

/** What a builder holds: connections to the nodes and to the chain, and the key for both. */
public record BuilderSide(
    Nodes nodes, ChainClient chain, NodesMarketplace market, ChainEscrow escrow)
    implements AutoCloseable {
  /** Connects to a network on this machine. */
  public static BuilderSide open(NetworkFile file, SigningKey key) {
    Network network = file.network();
    InstantSource clock = InstantSource.system();
    ChainClient chain =
        ChainClient.connect(file.rpc().stream().map(URI::create).toList(), network.chainId());
    Nodes nodes = Nodes.open(NodeAddresses.of(file), Identity.of(key, network), Patience.USUAL);
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
