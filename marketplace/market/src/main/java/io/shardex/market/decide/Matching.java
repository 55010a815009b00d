package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings open shards and idle slots of a class together at the epoch's one price: oldest job first,
 * each to the slot that fits best. It runs at the end of every command and looks at a bounded
 * number of shards, so what is left over waits for the next command of any kind.
 */
final class Matching {
  private Matching() {}

  static void match(Step step) {
    for (Network.ClassTerms terms : step.state().network().classes()) {
      match(step, terms);
    }
  }

  private static void match(Step step, Network.ClassTerms terms) {
    MarketState state = step.state();
    ResourceClass resources = terms.resources();
    Optional<UnitPrice> price = state.price(resources);
    if (price.isEmpty() || !state.hasIdle(resources)) {
      return;
    }
    for (TaskId task : candidates(state, resources, step.rules().bounds().matches())) {
      if (!state.hasIdle(resources)) {
        return;
      }
      grant(step, task, price.get(), terms);
    }
  }

  private static List<TaskId> candidates(MarketState state, ResourceClass resources, int most) {
    List<TaskId> first = new ArrayList<>();
    for (TaskId task : state.waitingTasks(resources)) {
      if (first.size() == most) {
        break;
      }
      first.add(task);
    }
    return first;
  }

  private static void grant(Step step, TaskId id, UnitPrice price, Network.ClassTerms terms) {
    MarketState state = step.state();
    Job job = JobDecisions.job(step, id.job());
    Optional<Address> slot = state.bestSlot(terms.resources(), job.terms().memoryMiB());
    if (slot.isEmpty() || !job.leases()) {
      return;
    }
    Amount hold = job.terms().hold();
    if (state.ledger().balance(Account.of(Kind.FREE, job.id())).isLessThan(hold)) {
      JobDecisions.startEnding(
          step,
          job.id(),
          JobPhase.EXHAUSTED,
          new Ending(
              Ending.Cause.BUDGET_SPENT,
              "a shard needs a hold of "
                  + hold
                  + ", but "
                  + state.ledger().balance(Account.of(Kind.FREE, job.id()))
                  + " is free"));
      return;
    }
    Worker worker = WorkerDecisions.worker(step, slot.get());
    Task task = state.task(id).orElseThrow(() -> new IllegalStateException("no task " + id));
    step.emit(
        new Event.LeaseGranted(
            id,
            task.fence() + 1,
            worker.key(),
            worker.owner(),
            price,
            hold,
            step.now() + leaseMillis(step, job, terms)));
  }

  /** Base time plus the shard's time at the class's rate, {@code leaseSlack} times over. */
  private static long leaseMillis(Step step, Job job, Network.ClassTerms terms) {
    long atRate =
        Math.multiplyExact(job.terms().shardWork().count(), 3_600)
            / Math.max(1, terms.workPerHour().count() / 1_000);
    return step.rules().pace().leaseBase() + atRate * step.rules().pace().leaseSlack();
  }
}
