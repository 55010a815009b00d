package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.util.HashMap;
import java.util.Map;

/** A chain in memory: a block for each deposit, and one whenever somebody looks. */
public final class LocalEscrow implements EscrowAccount {
  public final Map<JobId, Amount> deposits = new HashMap<>();
  public Amount balance = Amount.of(100 * Amount.TOKEN);
  public int payments;
  long block = 10;
  boolean crashAfterPaying;

  /** Whose account it is. */
  public Address builder = SmallJob.BUILDER;

  /** What the builder's machine dies of. */
  static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Override
  public Address address() {
    return builder;
  }

  @Override
  public Amount balance() {
    return balance;
  }

  @Override
  public long latestBlock() {
    return block++;
  }

  @Override
  public String deposit(long nonce, Digest spec, long refundAt, Amount amount) {
    payments++;
    balance = balance.minus(amount);
    JobId id =
        JobId.of(
            SmallJob.NETWORK.chainId(),
            SmallJob.NETWORK.escrow(),
            address(),
            nonce,
            spec,
            refundAt);
    deposits.merge(id, amount, Amount::plus);
    block++;
    if (crashAfterPaying) {
      throw new Crash();
    }
    return "0xpaid";
  }
}
