package io.shardex.market.earnings;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.earnings.LeaseEarning.Standing;
import io.shardex.pricing.Amount;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The earnings of one payee, folded from the events that {@link PayeesOf} names it for, in the
 * log's order. What {@link #earned} says of a job is at every index what the ledger says, as long
 * as no event is missing.
 */
public final class Earnings {
  private static final Comparator<Lease> ORDER =
      Comparator.comparing(Lease::task).thenComparingLong(Lease::fence);

  private final Address payee;
  private final TreeMap<Lease, LeaseEarning> leases = new TreeMap<>(ORDER);
  private final TreeMap<JobId, Amount> earned = new TreeMap<>();
  private final TreeSet<JobId> settled = new TreeSet<>();
  private Amount executions = Amount.ZERO;
  private Amount slashed = Amount.ZERO;
  private Amount compensations = Amount.ZERO;

  private record Lease(TaskId task, long fence) {}

  /** Nothing earned yet. */
  public Earnings(Address payee) {
    this.payee = payee;
  }

  /**
   * Hears what happened; what is not the payee's is passed over.
   *
   * @param millis market time
   */
  public void heard(long millis, Event event) {
    switch (event) {
      case Event.LeaseGranted e -> granted(e, millis);
      case Event.ResultCommitted e -> change(e.task(), e.fence(), lease -> lease.committed(millis));
      case Event.DivergenceCommitted e ->
          change(e.task(), e.fence(), lease -> lease.committed(millis));
      case Event.AuditSealed e -> change(e.audit(), e.fence(), lease -> lease.committed(millis));
      case Event.LeaseFailed e ->
          change(e.task(), e.fence(), lease -> lease.over(e.why().name(), millis));
      case Event.InstalmentPaid e -> {
        if (e.owner().equals(payee)) {
          earn(e.task().job(), e.split().pay());
          change(e.task(), e.fence(), lease -> lease.instalment(e.split().pay(), millis));
        }
      }
      case Event.ShardVerified e -> {
        if (e.owner().equals(payee)) {
          earn(e.task().job(), e.split().pay());
          changeLast(e.task(), lease -> lease.earned(e.split().pay(), millis));
        }
      }
      case Event.AuditPaid e -> {
        if (e.owner().equals(payee)) {
          earn(e.audit().job(), e.split().pay());
          changeLast(e.audit(), lease -> lease.earned(e.split().pay(), millis));
        }
      }
      case Event.AuditMissed e -> {
        if (e.owner().equals(payee)) {
          changeLast(e.audit(), lease -> lease.withheld("AUDIT_MISSED", millis));
        }
      }
      case Event.LieProved e -> lied(e, millis);
      case Event.PayReversed e -> {
        if (e.owner().equals(payee)) {
          earned.computeIfPresent(e.audit().job(), (job, sum) -> sum.minus(e.split().pay()));
          change(
              e.audit().training(),
              e.audit().audited(),
              lease -> lease.withheld("PAY_REVERSED", millis));
        }
      }
      case Event.ExecutionPaid e -> {
        if (e.validator().equals(payee)) {
          earn(e.job(), e.amount());
          executions = executions.plus(e.amount());
        }
      }
      case Event.StakeSlashed e -> {
        if (e.owner().equals(payee)) {
          slashed = slashed.plus(e.amount());
        }
      }
      case Event.Compensated e -> {
        if (e.beneficiary().equals(payee)) {
          compensations = compensations.plus(e.amount());
        }
      }
      case Event.JobSettled e -> settled.add(e.job());
      default -> {}
    }
  }

  /**
   * Leases whose jobs are over and that brought nothing are not waited for any longer.
   *
   * @param over whether a job has ended
   */
  public void close(Predicate<JobId> over) {
    leases.replaceAll(
        (key, lease) ->
            isOpen(lease) && over.test(key.task().job())
                ? lease.over("JOB_ENDED", lease.changedMillis())
                : lease);
  }

  /** All leases, by job, round, shard and fence. */
  public Collection<LeaseEarning> leases() {
    return Collections.unmodifiableCollection(leases.values());
  }

  /** What stands in the ledger for the payee, by job; no zeros. */
  public SortedMap<JobId, Amount> earned() {
    NavigableMap<JobId, Amount> sums = new TreeMap<>(earned);
    sums.values().removeIf(Amount::isZero);
    return Collections.unmodifiableSortedMap(sums);
  }

  /** Whether the chain has confirmed what was earned in this job. */
  public boolean isPaid(JobId job) {
    return settled.contains(job);
  }

  /** The part of {@link #earned} that came from executions for disputes, as a validator. */
  public Amount executions() {
    return executions;
  }

  /** What the payee lost of its stake, as an owner. */
  public Amount slashed() {
    return slashed;
  }

  /** What the payee got out of others' slashed stakes; not part of {@link #earned}. */
  public Amount compensations() {
    return compensations;
  }

  /** The sum over jobs that the chain has confirmed, or over the others. */
  public Amount sum(boolean paid) {
    return earned.entrySet().stream()
        .filter(job -> isPaid(job.getKey()) == paid)
        .map(Map.Entry::getValue)
        .reduce(Amount.ZERO, Amount::plus);
  }

  private void granted(Event.LeaseGranted e, long millis) {
    if (e.owner().equals(payee)) {
      leases.put(
          new Lease(e.task(), e.fence()),
          new LeaseEarning(
              e.task(),
              e.fence(),
              e.worker(),
              millis,
              e.price(),
              Standing.LEASED,
              Amount.ZERO,
              millis,
              ""));
    }
  }

  /** Of the two who may have lied about a result the event names one. */
  private void lied(Event.LieProved e, long millis) {
    if (!e.owner().equals(payee)) {
      return;
    }
    Lease training = new Lease(e.audit().training(), e.audit().audited());
    LeaseEarning trained = leases.get(training);
    if (trained != null && trained.worker().equals(e.worker())) {
      change(training.task(), training.fence(), lease -> refuted(lease, millis));
    } else {
      changeLast(e.audit(), lease -> refuted(lease, millis));
    }
  }

  private static LeaseEarning refuted(LeaseEarning lease, long millis) {
    return lease.standing() == Standing.EARNED
        ? lease.found("PROVEN_LIE", millis)
        : lease.withheld("PROVEN_LIE", millis);
  }

  private void earn(JobId job, Amount pay) {
    earned.merge(job, pay, Amount::plus);
  }

  private void change(TaskId task, long fence, UnaryOperator<LeaseEarning> how) {
    leases.computeIfPresent(new Lease(task, fence), (key, lease) -> how.apply(lease));
  }

  /** The newest lease of a task: only that one can be committed to or paid. */
  private void changeLast(TaskId task, UnaryOperator<LeaseEarning> how) {
    Lease last = leases.floorKey(new Lease(task, Long.MAX_VALUE));
    if (last != null && last.task().equals(task)) {
      change(task, last.fence(), how);
    }
  }

  private static boolean isOpen(LeaseEarning lease) {
    return lease.standing() == Standing.LEASED || lease.standing() == Standing.COMMITTED;
  }
}
