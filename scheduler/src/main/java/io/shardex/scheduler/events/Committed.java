package io.shardex.scheduler.events;

import io.shardex.market.Event;
import java.util.List;

/** What a reader of the feed receives, in log order. */
public sealed interface Committed {
  /** The log index it is about. */
  long index();

  /** The events of one command. */
  record Happened(long index, int offset, List<Event> events) implements Committed {
    public Happened {
      events = List.copyOf(events);
    }
  }

  /**
   * Events up to {@code index} were not delivered, because a snapshot replaced them or the reader
   * was too slow: the reader rebuilds from the state.
   */
  record Resync(long index) implements Committed {}
}
