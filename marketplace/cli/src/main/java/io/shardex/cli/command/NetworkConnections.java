package io.shardex.cli.command;

import io.shardex.cli.Marketplace;
import io.shardex.cli.NodesMarketplace;
import io.shardex.cli.check.Gateway;
import io.shardex.market.Network;
import io.shardex.protocol.client.Identity;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.client.Nodes;
import io.shardex.protocol.client.Patience;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.Endpoint;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ways that a network file names: gRPC to the nodes, JSON-RPC to the chain. */
final class NetworkConnections implements Connections {
  private final NetworkFile file;
  private final Nodes nodes;
  private final Marketplace market;
  private @Nullable ChainClient client;

  NetworkConnections(NetworkFile file, Optional<SigningKey> key) {
    this.file = file;
    Network network = file.network();
    NodeAddresses gateways = NodeAddresses.of(file);
    InstantSource clock = InstantSource.system();
    if (key.isPresent()) {
      this.nodes = Nodes.open(gateways, Identity.of(key.get(), network), Patience.USUAL);
      this.market =
          new NodesMarketplace(
              nodes, new EnvelopeSigner(key.get(), network, new Nonces(clock), clock));
    } else {
      this.nodes = Nodes.openPublic(gateways, Patience.USUAL);
      this.market = NodesMarketplace.toRead(nodes);
    }
  }

  @Override
  public MarketBoard board() {
    return new NodesBoard(new MarketClient(nodes));
  }

  @Override
  public Marketplace market() {
    return market;
  }

  @Override
  public TokenChain chain() {
    ChainClient open = client;
    if (open == null) {
      open =
          ChainClient.connect(
              file.rpc().stream().map(URI::create).toList(), file.network().chainId());
      client = open;
    }
    return new Web3Chain(open, Contracts.of(file.network()), URI.create(file.rpc().getFirst()));
  }

  @Override
  public Gateway gateway(Endpoint gateway) {
    return Gateway.ask(NodeAddresses.of(List.of(gateway), file.ca()));
  }

  @Override
  public void close() {
    nodes.close();
    if (client != null) {
      client.close();
    }
  }
}
