package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.ResourceClass;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.pricing.UnitPrice;
import java.util.Optional;

/**
 * A registered worker: one slot of its owner.
 *
 * @param ask its standing offer
 * @param idleSince place in the log since which the slot has waited
 * @param lease the task it works on
 * @param notBeforeMillis market time before which it may not ask
 * @param verified results of it that were paid
 * @param failed leases of it that brought nothing
 */
public record Worker(
    Address key,
    Address owner,
    ResourceClass resources,
    int memoryMiB,
    Optional<UnitPrice> ask,
    Stamp idleSince,
    Optional<TaskId> lease,
    boolean draining,
    long notBeforeMillis,
    long verified,
    long failed) {

  static Worker registered(
      Address key, Address owner, ResourceClass resources, int memoryMiB, Stamp at) {
    return new Worker(
        key, owner, resources, memoryMiB, Optional.empty(), at, Optional.empty(), false, 0, 0, 0);
  }

  /** Whether its slot may be leased, whatever the price. */
  public boolean waits() {
    return ask.isPresent() && lease.isEmpty() && !draining;
  }

  Worker asking(UnitPrice reserve, Stamp at) {
    return with(Optional.of(reserve), at, lease, false, notBeforeMillis);
  }

  Worker silentUntil(long millis) {
    return with(Optional.empty(), idleSince, lease, draining, millis);
  }

  Worker leaving() {
    return with(ask, idleSince, lease, true, notBeforeMillis);
  }

  Worker leasing(TaskId task) {
    return with(ask, idleSince, Optional.of(task), draining, notBeforeMillis);
  }

  Worker idle(Stamp at) {
    return with(ask, at, Optional.empty(), draining, notBeforeMillis);
  }

  Worker countVerified() {
    return counted(verified + 1, failed);
  }

  Worker countFailed() {
    return counted(verified, failed + 1);
  }

  private Worker with(
      Optional<UnitPrice> newAsk,
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
        newIdleSince,
        newLease,
        leaves,
        notBefore,
        verified,
        failed);
  }

  private Worker counted(long nowVerified, long nowFailed) {
    return new Worker(
        key,
        owner,
        resources,
        memoryMiB,
        ask,
        idleSince,
        lease,
        draining,
        notBeforeMillis,
        nowVerified,
        nowFailed);
  }
}
