package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Envelope;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.archive.NodeHistory;
import io.shardex.scheduler.events.CommittedEvents;
import io.shardex.scheduler.replica.LogWriter;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The market as the gateway sees it: this node's replica and the way into the log. */
public interface MarketPort {
  /**
   * Puts a command into the log; completes when it is applied here. Fails with {@link
   * LogWriter.Overloaded} if there is no room now, with anything else if the log cannot be reached.
   */
  CompletionStage<LogWriter.Written> submit(Envelope envelope);

  /**
   * Reads the replica between two entries. The query must be short, and must not let the state
   * escape.
   */
  <T> T read(Function<MarketState, T> query);

  /** What the log did, as this replica saw it. */
  CommittedEvents events();

  /** What this node keeps of the past. */
  NodeHistory history();

  /** Whether the replica is up to date enough to serve, and the network is born. */
  boolean ready();

  /** Tells the log, in this validator's name, that a worker has gone silent. Returns at once. */
  void reportSilent(Address worker);
}
