package io.shardex.cli.command;

import io.shardex.cli.Marketplace;
import io.shardex.cli.check.Gateway;
import io.shardex.protocol.network.Endpoint;

/**
 * The ways to a network's nodes and to its chain. What is asked of the nodes may throw a {@link
 * io.shardex.protocol.client.ClientFailure}, of the chain a {@link
 * io.shardex.settlement.ChainFailure}.
 */
public interface Connections extends AutoCloseable {
  /** What anybody may read of the market. */
  MarketBoard board();

  /** One job at a time; submits and transfers only with a key. */
  Marketplace market();

  /** The money; connects with the first call. */
  TokenChain chain();

  /** Asks one node alone. */
  Gateway gateway(Endpoint address);

  @Override
  void close();
}
