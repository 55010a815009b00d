package io.shardex.scheduler.replica;

import io.shardex.market.Event;
import io.shardex.market.Stamp;
import io.shardex.market.state.MarketState;
import java.io.IOException;
import java.util.List;

/**
 * What a node keeps of the log besides the market's state. Called in the log's order on the thread
 * that applies, before anyone hears of the events. The same entries come again after a restart.
 * What these methods throw stops the node: it must not go on without its records.
 */
public interface LogKeeper {
  /** Keeps nothing. */
  LogKeeper NONE =
      new LogKeeper() {
        @Override
        public void happened(Stamp at, List<Event> events, MarketState after) {}

        @Override
        public void applied(long index, byte[] entry) {}

        @Override
        public void restored(long index) {}

        @Override
        public Durable written() {
          return () -> {};
        }
      };

  /** One command was accepted; {@code after} is the state right after it, for this call only. */
  void happened(Stamp at, List<Event> events, MarketState after);

  /** The whole entry was applied. */
  void applied(long index, byte[] entry);

  /** A snapshot replaced the state: {@code index} is the last entry it holds, -1 for none. */
  void restored(long index);

  /** What was kept so far, to be made durable on another thread. */
  Durable written();

  /** Ends when all of it is on disk. */
  @FunctionalInterface
  interface Durable {
    void sync() throws IOException;
  }
}
