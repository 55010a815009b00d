package io.shardex.pricing;

/**
 * One payment cut into the worker's part and the network's fee.
 *
 * <p>The fee is taken from a job's running total, so that many small payments carry the same fee as
 * one large one: fee = floor(rate x (before + gross)) - floor(rate x before). Pay and fee always
 * add up to the gross exactly.
 */
public record FeeSplit(Amount pay, Amount fee) {
  /**
   * @param before gross paid by this job so far
   * @param gross what the builder pays now
   */
  public static FeeSplit of(Amount before, Amount gross, PartsPerMillion rate) {
    long feeAfter = rate.floorOf(before.plus(gross).units());
    Amount fee = Amount.of(feeAfter - rate.floorOf(before.units()));
    return new FeeSplit(gross.minus(fee), fee);
  }

  /** What the builder pays. */
  public Amount gross() {
    return pay.plus(fee);
  }
}
