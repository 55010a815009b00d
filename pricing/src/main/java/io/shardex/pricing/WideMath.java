package io.shardex.pricing;

import java.math.BigInteger;

/** Products of two non-negative longs divided by a third, with a 128-bit intermediate. */
final class WideMath {
  private WideMath() {}

  /** floor(a * b / divisor); throws {@link ArithmeticException} when the result exceeds a long. */
  static long mulDivFloor(long a, long b, long divisor) {
    if (Math.multiplyHigh(a, b) == 0 && a * b >= 0) {
      return a * b / divisor;
    }
    return product(a, b).divide(BigInteger.valueOf(divisor)).longValueExact();
  }

  /** ceil(a * b / divisor); throws {@link ArithmeticException} when the result exceeds a long. */
  static long mulDivCeil(long a, long b, long divisor) {
    BigInteger[] parts = product(a, b).divideAndRemainder(BigInteger.valueOf(divisor));
    return parts[0].add(parts[1].signum() == 0 ? BigInteger.ZERO : BigInteger.ONE).longValueExact();
  }

  private static BigInteger product(long a, long b) {
    return BigInteger.valueOf(a).multiply(BigInteger.valueOf(b));
  }
}
