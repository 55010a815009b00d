package io.shardex.market.decide;

import io.shardex.market.Event;
import io.shardex.market.Rules;
import io.shardex.market.Stamp;
import io.shardex.market.state.Evolution;
import io.shardex.market.state.MarketState;
import java.util.ArrayList;
import java.util.List;

/**
 * One command on its way through the core: what it sees, and the events it has caused so far. An
 * emitted event is applied at once, so that the next decision sees its effect.
 */
final class Step {
  private final MarketState state;
  private final Stamp stamp;
  private final List<Event> events = new ArrayList<>();

  Step(MarketState state, Stamp stamp) {
    this.state = state;
    this.stamp = stamp;
  }

  MarketState state() {
    return state;
  }

  Rules rules() {
    return state.rules();
  }

  /** The log index of the command. */
  long index() {
    return stamp.index();
  }

  long now() {
    return state.clock().millis();
  }

  List<Event> events() {
    return events;
  }

  void emit(Event event) {
    Evolution.evolve(state, event, stamp);
    events.add(event);
  }
}
