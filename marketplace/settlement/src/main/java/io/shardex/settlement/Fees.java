package io.shardex.settlement;

import java.math.BigInteger;

/** What a transaction pays for a unit of gas, in wei (EIP-1559). */
record Fees(BigInteger most, BigInteger tip) {
  /** Room for the base fee to rise by 12.5 % in each of five blocks, and a bit. */
  private static final BigInteger BASE_FEE_ROOM = BigInteger.TWO;

  private static final BigInteger EIGHT = BigInteger.valueOf(8);

  static Fees over(BigInteger baseFee, BigInteger tip) {
    return new Fees(baseFee.multiply(BASE_FEE_ROOM).add(tip), tip);
  }

  /**
   * Enough to replace a transaction that offers these: 12.5 % more of each, rounded up (nodes ask
   * for 10 %), and no less than the market's.
   */
  Fees bumped(Fees market) {
    return new Fees(raised(most).max(market.most), raised(tip).max(market.tip));
  }

  private static BigInteger raised(BigInteger fee) {
    return fee.add(fee.add(EIGHT).subtract(BigInteger.ONE).divide(EIGHT)).add(BigInteger.ONE);
  }
}
