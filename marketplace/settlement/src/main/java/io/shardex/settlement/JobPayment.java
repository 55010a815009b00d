package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;

/**
 * Money that the chain gave somebody out of a job.
 *
 * @param transaction hash of the transaction that did it, 0x and 64 hex digits
 * @param block the block it is in
 */
public record JobPayment(Address payee, Amount amount, Kind kind, String transaction, long block) {
  /** Whose money it was before. */
  public enum Kind {
    /** Earned: a worker's, an auditor's or the network's. */
    PAY,
    /** The builder's own, come back by close or reclaim. */
    REFUND
  }
}
