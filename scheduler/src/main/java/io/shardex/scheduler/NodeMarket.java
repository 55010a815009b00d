package io.shardex.scheduler;

import io.shardex.consensus.Replica;
import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.gateway.MarketPort;
import io.shardex.scheduler.replica.LogWriter;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.scheduler.replica.ValidatorVoice;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The market as this node's gateway sees it. */
final class NodeMarket implements MarketPort {
  private static final Logger log = LoggerFactory.getLogger(NodeMarket.class);

  /** Entries this replica may lag and still serve, once it has caught up. */
  private static final long MAX_LAG = 1_000;

  private final Replica raft;
  private final MarketReplica replica;
  private final LogWriter writer;
  private final ValidatorVoice voice;
  private final CommittedEvents events;
  private final NodeHistory history;
  private final CatchUp catchUp;

  NodeMarket(
      Replica raft,
      MarketReplica replica,
      LogWriter writer,
      ValidatorVoice voice,
      CommittedEvents events,
      NodeHistory history,
      CatchUp catchUp) {
    this.raft = raft;
    this.replica = replica;
    this.writer = writer;
    this.voice = voice;
    this.events = events;
    this.history = history;
    this.catchUp = catchUp;
  }

  @Override
  public CompletionStage<LogWriter.Written> submit(Envelope envelope) {
    return writer
        .write(envelope)
        .thenCompose(written -> replica.applied(written.index()).thenApply(done -> written));
  }

  @Override
  public <T> T read(Function<MarketState, T> query) {
    return replica.read(query);
  }

  @Override
  public CommittedEvents events() {
    return events;
  }

  @Override
  public NodeHistory history() {
    return history;
  }

  @Override
  public boolean ready() {
    return catchUp.isDone()
        && raft.status().isReady(MAX_LAG)
        && replica.isProven()
        && replica.read(MarketState::isBorn);
  }

  @Override
  public void reportSilent(Address worker) {
    CompletableFuture<?> unused =
        voice
            .say(new Command.ReportSilent(List.of(worker)))
            .whenComplete(
                (written, failure) -> {
                  if (failure != null) {
                    log.warn("could not report worker {} silent: {}", worker, failure.getMessage());
                  }
                });
  }
}
