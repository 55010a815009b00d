package io.shardex.market.earnings;

import io.shardex.market.Address;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;

/**
 * One lease as its owner sees it: what it brought, or why it brought nothing.
 *
 * @param task training, or an audit
 * @param grantedMillis market time at which it was granted
 * @param price gross price of the work
 * @param standing how far its pay is; {@code PAID} is the job's, not the lease's, to say
 * @param pay net of the fee; before it is {@code EARNED}, what was paid of it by time
 * @param changedMillis market time of what was heard of it last
 * @param why in a word, what its pay is withheld for, or what was found afterwards; else empty
 */
public record LeaseEarning(
    TaskId task,
    long fence,
    Address worker,
    long grantedMillis,
    UnitPrice price,
    Standing standing,
    Amount pay,
    long changedMillis,
    String why) {
  /** How far a lease's pay is. */
  public enum Standing {
    /** Leased: the work goes on. */
    LEASED,
    /** The result is committed; its evidence or its round is not complete. */
    COMMITTED,
    /** The work was taken, or a part of it that was saved, and its pay stands in the ledger. */
    EARNED,
    /** Nothing is paid for it. */
    WITHHELD
  }

  LeaseEarning committed(long millis) {
    return new LeaseEarning(
        task, fence, worker, grantedMillis, price, Standing.COMMITTED, pay, millis, why);
  }

  LeaseEarning earned(Amount net, long millis) {
    return new LeaseEarning(
        task, fence, worker, grantedMillis, price, Standing.EARNED, pay.plus(net), millis, why);
  }

  /** Pay for the time until a checkpoint. */
  LeaseEarning instalment(Amount net, long millis) {
    return new LeaseEarning(
        task, fence, worker, grantedMillis, price, standing, pay.plus(net), millis, why);
  }

  /** It is over without a result: what was paid of it stays. */
  LeaseEarning over(String reason, long millis) {
    return pay.isZero()
        ? withheld(reason, millis)
        : new LeaseEarning(
            task, fence, worker, grantedMillis, price, Standing.EARNED, pay, millis, reason);
  }

  LeaseEarning withheld(String reason, long millis) {
    return new LeaseEarning(
        task,
        fence,
        worker,
        grantedMillis,
        price,
        Standing.WITHHELD,
        Amount.ZERO,
        millis,
        why.isEmpty() ? reason : why);
  }

  /** Something was found of it that takes no pay back by itself. */
  LeaseEarning found(String what, long millis) {
    return new LeaseEarning(task, fence, worker, grantedMillis, price, standing, pay, millis, what);
  }
}
