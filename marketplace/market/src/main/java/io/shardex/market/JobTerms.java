package io.shardex.market;

import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;

/**
 * What the market needs to know of a job. Every validator recomputes it from the job file before
 * the job is funded.
 *
 * @param name for people; at most 64 characters
 * @param resources class of machine the shards run on
 * @param memoryMiB memory one shard needs
 * @param shards shards in each round, 1 to {@code Rules.Bounds.shards}
 * @param rounds rounds, 1 to {@code Rules.Bounds.rounds}
 * @param shardWork work of one shard (of the largest, when they differ); the most that is paid for
 * @param shardSteps optimiser steps of that shard, at least 1; its seconds if it is paid by time
 * @param limit highest price the builder pays
 * @param deadlineMillis market time at which the job ends, finished or not
 * @param audit share of results to audit, at least {@code Rules.Money.auditFloor}; with 0 nothing
 *     is drawn by chance, for its value or at the job's end. 0 where results cannot be proven
 * @param rollsBack whether a round that contained a lie is trained again, with all after it; false
 *     where lies cannot be proven
 * @param data digest of the description of the shards' inputs (their blobs)
 * @param execution what runs the shards, whether that proves anything, and how it is paid
 */
public record JobTerms(
    String name,
    ResourceClass resources,
    int memoryMiB,
    int shards,
    int rounds,
    WorkUnits shardWork,
    int shardSteps,
    UnitPrice limit,
    long deadlineMillis,
    PartsPerMillion audit,
    boolean rollsBack,
    Digest data,
    Execution execution) {

  /** The terms of a training job in the market's own arithmetic. */
  public JobTerms(
      String name,
      ResourceClass resources,
      int memoryMiB,
      int shards,
      int rounds,
      WorkUnits shardWork,
      int shardSteps,
      UnitPrice limit,
      long deadlineMillis,
      PartsPerMillion audit,
      boolean rollsBack,
      Digest data) {
    this(
        name,
        resources,
        memoryMiB,
        shards,
        rounds,
        shardWork,
        shardSteps,
        limit,
        deadlineMillis,
        audit,
        rollsBack,
        data,
        Execution.REFERENCE);
  }

  /**
   * Money held while one shard is out, at the limit: its pay, and the pay of one audit if there may
   * be one.
   */
  public Amount hold() {
    return shardCost().plus(auditHold());
  }

  /** The same of a shard of which so much is paid for. */
  public Amount hold(WorkUnits paid) {
    return limit.ceilCost(shardWork.minus(paid)).plus(auditHold());
  }

  /**
   * What the class does in so much time, rounded down, at most the shard's work: what is paid for
   * where pay goes by time.
   */
  public WorkUnits workIn(long millis, WorkUnits workPerHour) {
    return workPerHour.inMillis(millis, shardWork);
  }

  /**
   * The work of a shard that is paid for when it has been saved after {@code step}: that of as many
   * seconds where pay goes by time, else none.
   */
  public WorkUnits instalments(int step, WorkUnits workPerHour) {
    return execution.isTimed() ? workIn(1_000L * step, workPerHour) : WorkUnits.ZERO;
  }

  /** The part of it that waits for an audit; nothing where results cannot be proven. */
  public Amount auditHold() {
    return execution.isProvable() ? shardCost() : Amount.ZERO;
  }

  private Amount shardCost() {
    return limit.ceilCost(shardWork);
  }

  /** What {@code steps} steps of a shard are worth, rounded down. */
  public Amount worth(UnitPrice price, int steps) {
    long work =
        Math.multiplyHigh(shardWork.count(), steps) == 0
            ? shardWork.count() * steps / shardSteps
            : shardWork.count() / shardSteps * steps;
    return price.floorCost(new WorkUnits(Math.min(work, shardWork.count())));
  }

  /** Held while all shards of a round are out: without it no round can close. */
  public Amount roundBudget() {
    return hold().times(shards);
  }

  /**
   * Enough for the whole job when no shard is audited: the pay of every shard, and in the last
   * round what its holds have for audits, which comes back when it closes.
   */
  public Amount leastBudget() {
    return shardCost().times((long) shards * rounds).plus(auditHold().times(shards));
  }

  /** The most the job can cost, when every shard that may be audited is. */
  public Amount fullBudget() {
    return hold().times((long) shards * rounds);
  }
}
