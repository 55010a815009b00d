package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A shard of the open round, or an audit that is not over.
 *
 * @param fence number of its latest lease; 0 before the first
 * @param lease the live lease in LEASED, and the fulfilled one in COMMITTED, DISPUTED and VERIFIED
 * @param commitment what the fulfilled lease committed to
 * @param checkpoints the newest of each lease, oldest lease first, each resting on the one before;
 *     where pay goes by time, each counting on from it
 */
public record Task(
    TaskId id,
    TaskPhase phase,
    long fence,
    Optional<Lease> lease,
    Optional<Commitment> commitment,
    List<Checkpoint> checkpoints) {
  public Task {
    checkpoints = List.copyOf(checkpoints);
  }

  /**
   * The exclusive right and duty of one worker to one task until a deadline.
   *
   * @param price gross price of the epoch it was granted in
   * @param deadlineMillis when it ends if no result was committed; shortened by a report of silence
   * @param fullDeadlineMillis the deadline it was granted with, and any gap excused since
   * @param startedAtMillis market time at which the worker said that it had begun
   */
  public record Lease(
      Address worker,
      Address owner,
      UnitPrice price,
      Amount hold,
      long deadlineMillis,
      long fullDeadlineMillis,
      Optional<Long> startedAtMillis) {
    /** Whether the worker said that it had begun. */
    public boolean started() {
      return startedAtMillis.isPresent();
    }

    Lease until(long millis) {
      return new Lease(worker, owner, price, hold, millis, fullDeadlineMillis, startedAtMillis);
    }

    Lease excused(long millis) {
      return new Lease(
          worker,
          owner,
          price,
          hold,
          deadlineMillis + millis,
          fullDeadlineMillis + millis,
          startedAtMillis);
    }

    Lease startedAt(long millis) {
      return new Lease(
          worker, owner, price, hold, deadlineMillis, fullDeadlineMillis, Optional.of(millis));
    }

    Lease holding(Amount left) {
      return new Lease(
          worker, owner, price, left, deadlineMillis, fullDeadlineMillis, startedAtMillis);
    }
  }

  /**
   * A result's blob id and the seal that binds its author to it.
   *
   * @param result zero in an audit, which shows nothing before both sides reveal
   * @param seal zero when the validators replaced the result
   * @param divergedAt the step of a run that diverged, whose result is no blob
   */
  public record Commitment(Digest result, Digest seal, Optional<Integer> divergedAt) {
    static Commitment ofValidators(Digest result, Optional<Integer> divergedAt) {
      return new Commitment(result, Digest.ZERO, divergedAt);
    }

    public boolean isReplaced() {
      return seal.equals(Digest.ZERO);
    }
  }

  /** An open task whose next lease has the fence after this one. */
  static Task open(TaskId id, long fence) {
    return new Task(id, TaskPhase.OPEN, fence, Optional.empty(), Optional.empty(), List.of());
  }

  /** What its latest lease may go on from: the checkpoints of the leases before it. */
  public List<Checkpoint> earlierCheckpoints() {
    return checkpoints.stream().filter(saved -> saved.fence() < fence).toList();
  }

  /** The one of them that its latest lease is offered. */
  public Optional<Checkpoint> offered() {
    return earlierCheckpoints().reversed().stream().findFirst();
  }

  /** Steps of that one; 0 if there is none. */
  public int offeredSteps() {
    return offered().map(Checkpoint::step).orElse(0);
  }

  /** Steps of the newest checkpoint, whoever's; 0 if there is none. */
  public int savedSteps() {
    return checkpoints.isEmpty() ? 0 : checkpoints.getLast().step();
  }

  /** What its latest lease has saved itself. */
  public Optional<Checkpoint> ownCheckpoint() {
    return checkpoints.stream().filter(saved -> saved.fence() == fence).findFirst();
  }

  /** With a newer checkpoint of its lease, which follows on the earlier ones or on none. */
  Task saved(Checkpoint newest, boolean follows) {
    Stream<Checkpoint> earlier = follows ? earlierCheckpoints().stream() : Stream.empty();
    return new Task(
        id, phase, fence, lease, commitment, Stream.concat(earlier, Stream.of(newest)).toList());
  }

  Task leased(long newFence, Lease granted) {
    return moved(TaskPhase.LEASED, newFence, Optional.of(granted), Optional.empty());
  }

  Task with(Lease changed) {
    return new Task(id, phase, fence, Optional.of(changed), commitment, checkpoints);
  }

  Task committed(Commitment made) {
    return moved(TaskPhase.COMMITTED, fence, lease, Optional.of(made));
  }

  Task disputed() {
    return moved(TaskPhase.DISPUTED, fence, lease, commitment);
  }

  Task reopened() {
    return moved(TaskPhase.OPEN, fence, Optional.empty(), Optional.empty());
  }

  /** With the result that the validators found. */
  Task replaced(Commitment found) {
    return new Task(id, phase, fence, lease, Optional.of(found), checkpoints);
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
    return new Task(id, next, newFence, newLease, made, checkpoints);
  }
}
