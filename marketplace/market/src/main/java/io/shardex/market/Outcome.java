package io.shardex.market;

import java.util.List;

/** What a command came to: the events it caused, or why it caused none. */
public sealed interface Outcome {
  record Accepted(List<Event> events) implements Outcome {
    public Accepted {
      events = List.copyOf(events);
    }
  }

  record Rejected(Rejection rejection) implements Outcome {}
}
