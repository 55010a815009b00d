package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Envelope;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.replica.LogWriter;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The same market at a node with a feed and a history of its own. */
record RestartedPort(LocalMarket market, CommittedEvents events, NodeHistory history)
    implements MarketPort {
  @Override
  public CompletionStage<LogWriter.Written> submit(Envelope envelope) {
    return market.submit(envelope);
  }

  @Override
  public <T> T read(Function<MarketState, T> query) {
    return market.read(query);
  }

  @Override
  public boolean ready() {
    return market.ready();
  }

  @Override
  public void reportSilent(Address worker) {
    market.reportSilent(worker);
  }
}
