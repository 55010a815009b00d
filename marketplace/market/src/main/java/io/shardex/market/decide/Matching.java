package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.Optional;

/**
 * Brings open shards and idle slots of a class together at the epoch's one price: oldest job first,
 * each to the slot that fits best. It runs at the end of every command and grants a bounded number
 * of leases, so what is left over waits for the next command of any kind.
 */
final class Matching {
  private Matching() {}

  static void match(Step step) {
    leaseAudits(step);
    for (Network.ClassTerms terms : step.state().network().classes()) {
      match(step, terms);
    }
  }

  /** A worker that was drawn for an audit has no other lease before it. */
  private static void leaseAudits(Step step) {
    int left = step.rules().bounds().matches();
    Optional<Address> next = step.state().nextDue();
    while (left-- > 0 && next.isPresent()) {
      AuditDecisions.lease(step, WorkerDecisions.worker(step, next.get()));
      next = step.state().nextDue();
    }
  }

  private static void match(Step step, Network.ClassTerms terms) {
    MarketState state = step.state();
    ResourceClass resources = terms.resources();
    Optional<UnitPrice> price = state.price(resources);
    if (price.isEmpty() || !state.hasIdle(resources)) {
      return;
    }
    int left = step.rules().bounds().matches();
    Optional<TaskId> next = state.firstWaiting(resources);
    while (left > 0 && next.isPresent() && state.hasIdle(resources)) {
      Job job = JobDecisions.job(step, next.get().job());
      if (grant(step, job, next.get(), price.get(), terms)) {
        left--;
        next = state.waitingAfter(job, next.get());
      } else {
        // Nor will a slot or money be found for the job's other shards.
        next = state.waitingAfter(job);
      }
    }
  }

  private static boolean grant(
      Step step, Job job, TaskId id, UnitPrice price, Network.ClassTerms terms) {
    MarketState state = step.state();
    Optional<Address> slot = state.bestSlot(job.terms());
    long millis = leaseMillis(step, job, terms);
    if (slot.isEmpty() || millis <= 0) {
      return false;
    }
    Task task = state.task(id).orElseThrow(() -> new IllegalStateException("no task " + id));
    Amount hold = state.hold(task);
    Amount free = state.ledger().balance(Account.of(Kind.FREE, job.id()));
    if (free.isLessThan(hold)) {
      exhaustUnlessMoneyReturns(step, job, hold, free);
      return false;
    }
    Worker worker = WorkerDecisions.worker(step, slot.get());
    step.emit(
        new Event.LeaseGranted(
            id, task.fence() + 1, worker.key(), worker.owner(), price, hold, step.now() + millis));
    return true;
  }

  /** While a shard of the job or an audit is out, its hold may yet come back. */
  private static void exhaustUnlessMoneyReturns(Step step, Job job, Amount hold, Amount free) {
    if (step.state().count(job.id(), TaskPhase.LEASED) == 0
        && !step.state().hasOpenResults(job.id())) {
      JobDecisions.startEnding(
          step,
          job.id(),
          JobPhase.EXHAUSTED,
          new Ending(
              Ending.Cause.BUDGET_SPENT,
              "a shard needs a hold of " + hold + ", but " + free + " is free"));
    }
  }

  /**
   * Base time plus the shard's time at the class's rate, {@code leaseSlack} times over, but never
   * so long that its pay could not be settled before the job's refund date.
   */
  private static long leaseMillis(Step step, Job job, Network.ClassTerms terms) {
    Rules.Pace pace = step.rules().pace();
    long refundSeconds = Math.clamp(job.deposit().refundAt(), 0, Long.MAX_VALUE / 1_000);
    long most = refundSeconds * 1_000 - pace.settleMargin() - step.now();
    return Math.min(most, workMillis(step, job, terms));
  }

  /**
   * Time to execute one of a job's shards: base time, and {@code leaseSlack} times that at rate.
   */
  static long workMillis(Step step, Job job) {
    Network.ClassTerms terms =
        step.state()
            .network()
            .terms(job.terms().resources())
            .orElseThrow(() -> new IllegalStateException("no class " + job.terms().resources()));
    return workMillis(step, job, terms);
  }

  private static long workMillis(Step step, Job job, Network.ClassTerms terms) {
    Rules.Pace pace = step.rules().pace();
    long atRate =
        Math.multiplyExact(job.terms().shardWork().count(), 3_600)
            / Math.max(1, terms.workPerHour().count() / 1_000);
    return pace.leaseBase() + Math.min(atRate, LONGEST / pace.leaseSlack()) * pace.leaseSlack();
  }

  /** Ten years: no lease is longer, whatever a job's terms say. */
  private static final long LONGEST = 10L * 365 * 86_400_000;
}
