package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;

/**
 * The chain as a builder sees it: the account that pays, and the escrow it pays into. Every call
 * may throw a {@link io.shardex.settlement.ChainFailure}.
 */
public interface EscrowAccount {
  /** Who pays, and whose jobs they are. */
  Address address();

  /** Tokens the account has. */
  Amount balance();

  /** Number of the newest block. */
  long latestBlock();

  /**
   * Pays for a job and waits until a block holds the payment.
   *
   * @param refundAt seconds since 1970
   * @return the transaction's hash
   */
  String deposit(long nonce, Digest specDigest, long refundAt, Amount amount);
}
