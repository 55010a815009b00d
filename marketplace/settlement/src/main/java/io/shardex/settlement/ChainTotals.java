package io.shardex.settlement;

import io.shardex.pricing.Amount;

/**
 * All money that went through a network's contracts since the beginning.
 *
 * @param block the last block counted
 * @param escrowed paid in for jobs
 * @param paid credited to workers, auditors and whoever else, but for the treasury
 * @param fees credited to the treasury
 * @param refunded gone back to builders, by close or reclaim
 * @param stakeIn staked
 * @param stakeOut unbonded and withdrawn
 * @param stakeSlashed taken from stakes
 * @param stakeCompensated the part of it that was given to beneficiaries
 * @param withdrawn paid out of balances in Settlement
 */
public record ChainTotals(
    long block,
    Amount escrowed,
    Amount paid,
    Amount fees,
    Amount refunded,
    Amount stakeIn,
    Amount stakeOut,
    Amount stakeSlashed,
    Amount stakeCompensated,
    Amount withdrawn) {
  /** What jobs still hold; the escrow's balance of tokens. */
  public Amount left() {
    return escrowed.minus(paid).minus(fees).minus(refunded);
  }
}
