package io.shardex.pricing;

import java.math.BigInteger;

/**
 * A quantity of training work: 1 WU is 10^6 reference operations, counted from the model, the batch
 * and the steps by a pure integer function, never reported by a worker.
 */
public record WorkUnits(long count) implements Comparable<WorkUnits> {
  /** The largest quantity one shard may have; keeps every product below 2^127. */
  public static final long MAX = 1L << 50;

  public static final WorkUnits ZERO = new WorkUnits(0);

  private static final BigInteger MILLIS_PER_HOUR = BigInteger.valueOf(3_600_000);

  public WorkUnits {
    if (count < 0 || count > MAX) {
      throw new ArithmeticException("work units must lie in 0.." + MAX + ": " + count);
    }
  }

  /** Throws {@link ArithmeticException} if that is negative. */
  public WorkUnits minus(WorkUnits less) {
    return new WorkUnits(count - less.count);
  }

  public WorkUnits times(long factor) {
    return new WorkUnits(Math.multiplyExact(count, factor));
  }

  /**
   * What is done in {@code millis} by who does this much an hour: rounded down, at most {@code
   * most}; nothing in a negative time.
   */
  public WorkUnits inMillis(long millis, WorkUnits most) {
    BigInteger done =
        BigInteger.valueOf(count)
            .multiply(BigInteger.valueOf(Math.max(0, millis)))
            .divide(MILLIS_PER_HOUR);
    return new WorkUnits(done.min(BigInteger.valueOf(most.count)).longValueExact());
  }

  @Override
  public int compareTo(WorkUnits other) {
    return Long.compare(count, other.count);
  }

  @Override
  public String toString() {
    return count + " WU";
  }
}
