package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.ResourceClass;
import io.shardex.market.RuntimeKind;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.pricing.UnitPrice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A registered worker: one slot of its owner.
 *
 * @param ask its standing offer
 * @param runtimes what that offer, or its last one, was for
 * @param idleSince place in the log since which the slot has waited
 * @param lease the task it works on
 * @param notBeforeMillis market time before which it may not ask
 * @param verified results of it that were paid
 * @param failed leases of it that brought nothing
 * @param duties audits it is drawn for and has no lease of yet, in the order of the draws
 */
public record Worker(
    Address key,
    Address owner,
    ResourceClass resources,
    int memoryMiB,
    Optional<UnitPrice> ask,
    Set<RuntimeKind> runtimes,
    Stamp idleSince,
    Optional<TaskId> lease,
    boolean draining,
    long notBeforeMillis,
    long verified,
    long failed,
    List<TaskId> duties) {
  public Worker {
    runtimes = Collections.unmodifiableSet(new TreeSet<>(runtimes));
    duties = List.copyOf(duties);
  }

  static Worker registered(
      Address key, Address owner, ResourceClass resources, int memoryMiB, Stamp at) {
    return new Worker(
        key,
        owner,
        resources,
        memoryMiB,
        Optional.empty(),
        Set.of(),
        at,
        Optional.empty(),
        false,
        0,
        0,
        0,
        List.of());
  }

  /** Whether its slot may be leased, whatever the price; audits come first. */
  public boolean waits() {
    return asks() && lease.isEmpty() && duties.isEmpty();
  }

  /** Whether it may be drawn for an audit, whatever the price: only what is proven is audited. */
  public boolean mayAudit() {
    return asks() && runtimes.contains(RuntimeKind.REFERENCE);
  }

  /** Whether it offers its slot. */
  public boolean asks() {
    return ask.isPresent() && !draining;
  }

  /** Whether the next audit it is drawn for can be leased to it. */
  public boolean isDue() {
    return lease.isEmpty() && !duties.isEmpty();
  }

  Worker asking(UnitPrice reserve, Set<RuntimeKind> kinds, Stamp at) {
    return with(Optional.of(reserve), kinds, at, lease, false, notBeforeMillis);
  }

  Worker silentUntil(long millis) {
    return with(Optional.empty(), runtimes, idleSince, lease, draining, millis);
  }

  Worker leaving() {
    return with(ask, runtimes, idleSince, lease, true, notBeforeMillis);
  }

  Worker leasing(TaskId task) {
    return with(ask, runtimes, idleSince, Optional.of(task), draining, notBeforeMillis)
        .without(task);
  }

  Worker drawnFor(TaskId audit) {
    List<TaskId> more = new ArrayList<>(duties);
    more.add(audit);
    return withDuties(more);
  }

  Worker without(TaskId audit) {
    return duties.contains(audit)
        ? withDuties(duties.stream().filter(duty -> !duty.equals(audit)).toList())
        : this;
  }

  Worker idle(Stamp at) {
    return with(ask, runtimes, at, Optional.empty(), draining, notBeforeMillis);
  }

  Worker countVerified() {
    return counted(verified + 1, failed);
  }

  Worker countFailed() {
    return counted(verified, failed + 1);
  }

  private Worker with(
      Optional<UnitPrice> newAsk,
      Set<RuntimeKind> kinds,
      Stamp newIdleSince,
      Optional<TaskId> newLease,
      boolean leaves,
      long notBefore) {
    return new Worker(
        key,
        owner,
        resources,
        memoryMiB,
        newAsk,
        kinds,
        newIdleSince,
        newLease,
        leaves,
        notBefore,
        verified,
        failed,
        duties);
  }

  private Worker withDuties(List<TaskId> now) {
    return new Worker(
        key,
        owner,
        resources,
        memoryMiB,
        ask,
        runtimes,
        idleSince,
        lease,
        draining,
        notBeforeMillis,
        verified,
        failed,
        now);
  }

  private Worker counted(long nowVerified, long nowFailed) {
    return new Worker(
        key,
        owner,
        resources,
        memoryMiB,
        ask,
        runtimes,
        idleSince,
        lease,
        draining,
        notBeforeMillis,
        nowVerified,
        nowFailed,
        duties);
  }
}
