package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Envelope;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.replica.LogWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A port whose commands are applied and whose answers are lost. */
final class LossyPort implements MarketPort {
  private final MarketPort market;
  private final AtomicInteger lost = new AtomicInteger();

  LossyPort(MarketPort market) {
    this.market = market;
  }

  int lost() {
    return lost.get();
  }

  @Override
  public CompletionStage<LogWriter.Written> submit(Envelope envelope) {
    return market
        .submit(envelope)
        .thenCompose(
            written -> {
              lost.incrementAndGet();
              return CompletableFuture.failedFuture(Refusals.notReady());
            });
  }

  @Override
  public <T> T read(Function<MarketState, T> query) {
    return market.read(query);
  }

  @Override
  public CommittedEvents events() {
    return market.events();
  }

  @Override
  public NodeHistory history() {
    return market.history();
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
