package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.Optional;

/**
 * A shard's task in the open round.
 *
 * @param fence number of its latest lease; 0 before the first
 * @param lease the live lease in LEASED, and the fulfilled one in COMMITTED and VERIFIED
 * @param commitment what the fulfilled lease committed to
 */
public record Task(
    TaskId id,
    TaskPhase phase,
    long fence,
    Optional<Lease> lease,
    Optional<Commitment> commitment) {

  /**
   * The exclusive right and duty of one worker to one task until a deadline.
   *
   * @param price gross price of the epoch it was granted in
   * @param deadlineMillis when it ends if no result was committed; shortened by a report of silence
   * @param fullDeadlineMillis the deadline it was granted with, and any gap excused since
   * @param started whether the worker said that it trains
   */
  public record Lease(
      Address worker,
      Address owner,
      UnitPrice price,
      Amount hold,
      long deadlineMillis,
      long fullDeadlineMillis,
      boolean started) {
    Lease until(long millis) {
      return new Lease(worker, owner, price, hold, millis, fullDeadlineMillis, started);
    }

    Lease excused(long millis) {
      return new Lease(
          worker,
          owner,
          price,
          hold,
          deadlineMillis + millis,
          fullDeadlineMillis + millis,
          started);
    }

    Lease asStarted() {
      return new Lease(worker, owner, price, hold, deadlineMillis, fullDeadlineMillis, true);
    }
  }

  /** A result's blob id and the seal that binds its author to it. */
  public record Commitment(Digest result, Digest seal) {}

  static Task open(TaskId id) {
    return new Task(id, TaskPhase.OPEN, 0, Optional.empty(), Optional.empty());
  }

  Task leased(long newFence, Lease granted) {
    return moved(TaskPhase.LEASED, newFence, Optional.of(granted), Optional.empty());
  }

  Task with(Lease changed) {
    return new Task(id, phase, fence, Optional.of(changed), commitment);
  }

  Task committed(Commitment made) {
    return moved(TaskPhase.COMMITTED, fence, lease, Optional.of(made));
  }

  Task reopened() {
    return moved(TaskPhase.OPEN, fence, Optional.empty(), Optional.empty());
  }

  Task verified() {
    return moved(TaskPhase.VERIFIED, fence, lease, commitment);
  }

  Task abandoned() {
    return moved(TaskPhase.ABANDONED, fence, Optional.empty(), Optional.empty());
  }

  private Task moved(
      TaskPhase next, long newFence, Optional<Lease> newLease, Optional<Commitment> made) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException("task " + id + " cannot go from " + phase + " to " + next);
    }
    return new Task(id, next, newFence, newLease, made);
  }
}
