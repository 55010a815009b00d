package io.shardex.market.decide;

import io.shardex.market.Event;
import io.shardex.market.ResourceClass;
import io.shardex.market.state.Clock;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Book;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The turn of an epoch: each class gets a new price, made from the book that stood until now. */
final class EpochDecisions {
  private EpochDecisions() {}

  static void turn(Step step) {
    Clock clock = step.state().clock();
    step.emit(new Event.EpochOpened(clock.epoch() + 1, step.now() + step.rules().pace().epoch()));
    BeaconDecisions.turnEpoch(step);
    if (clock.epoch() == 0) {
      return;
    }
    ProofDecisions.turnEpoch(step);
    for (Map.Entry<ResourceClass, ClassPrice> entry :
        List.copyOf(step.state().prices().entrySet())) {
      ClassPrice next = entry.getValue().next(book(step, entry.getKey()));
      if (!next.equals(entry.getValue())) {
        step.emit(new Event.PriceSet(entry.getKey(), next));
      }
    }
    for (Job job : List.copyOf(step.state().jobs().values())) {
      JobDecisions.pauseOrResume(step, job.id());
    }
  }

  private static Book book(Step step, ResourceClass resources) {
    MarketState state = step.state();
    PartsPerMillion fee = step.rules().money().fee();
    List<UnitPrice> reserves =
        state.workers().values().stream()
            .filter(worker -> worker.resources().equals(resources) && !worker.draining())
            .map(Worker::ask)
            .flatMap(ask -> ask.stream())
            .map(reserve -> reserve.plus(fee))
            .toList();
    List<UnitPrice> limits =
        state.jobs().values().stream()
            .filter(job -> job.terms().resources().equals(resources) && job.ending().isEmpty())
            .flatMap(job -> Collections.nCopies(demand(state, job), job.terms().limit()).stream())
            .toList();
    return new Book(reserves, limits);
  }

  /** Shards that wait for a slot or hold one. */
  private static int demand(MarketState state, Job job) {
    return state.count(job.id(), TaskPhase.OPEN) + state.count(job.id(), TaskPhase.LEASED);
  }
}
