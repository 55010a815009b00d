package io.shardex.ops.demo;

import io.shardex.market.Event;
import io.shardex.market.Network.ClassTerms;
import io.shardex.market.ResourceClass;
import io.shardex.market.Stamp;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.MarketClient;
import io.shardex.protocol.client.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The price of every class in every epoch, as the log tells it. */
final class PriceHistory implements Watch.Reader, AutoCloseable {
  /** A class' gross price in an epoch. */
  record EpochPrice(long epoch, ResourceClass resources, UnitPrice price) {}

  private final List<EpochPrice> known = new ArrayList<>();
  private final SortedMap<ResourceClass, UnitPrice> current = new TreeMap<>();
  private long epoch;
  private Optional<Watch> watch = Optional.empty();

  /** Reads the log from its start on, until closed. */
  static PriceHistory follow(MarketClient market) {
    PriceHistory history = new PriceHistory();
    history.watch = Optional.of(market.watch(0, Optional.empty(), history));
    return history;
  }

  @Override
  public synchronized void committed(Stamp at, List<Event> events) {
    events.forEach(this::heard);
  }

  private void heard(Event event) {
    switch (event) {
      case Event.NetworkBorn born -> {
        for (ClassTerms terms : born.network().classes()) {
          current.put(terms.resources(), terms.firstPrice());
        }
      }
      case Event.EpochOpened opened -> {
        endEpoch();
        epoch = opened.epoch();
      }
      case Event.PriceSet set -> current.put(set.resources(), set.price().price());
      default -> {
        // Nothing else moves a price.
      }
    }
  }

  private void endEpoch() {
    if (epoch > 0) {
      current.forEach((resources, price) -> known.add(new EpochPrice(epoch, resources, price)));
    }
  }

  @Override
  public synchronized void resync(long index) {
    // What was left out stays unknown: the history has a gap, not a guess.
    current.clear();
  }

  /** All epochs so far, the open one included, oldest first. */
  synchronized List<EpochPrice> epochs() {
    List<EpochPrice> all = new ArrayList<>(known);
    current.forEach((resources, price) -> all.add(new EpochPrice(epoch, resources, price)));
    return all;
  }

  @Override
  public void close() {
    watch.ifPresent(Watch::close);
  }
}
