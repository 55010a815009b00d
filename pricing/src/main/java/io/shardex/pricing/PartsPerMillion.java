package io.shardex.pricing;

/** A rate from 0 to 1 in steps of one millionth. */
public record PartsPerMillion(int value) implements Comparable<PartsPerMillion> {
  public static final int ONE = 1_000_000;

  public PartsPerMillion {
    if (value < 0 || value > ONE) {
      throw new IllegalArgumentException("parts per million must lie in 0.." + ONE + ": " + value);
    }
  }

  /** The part of {@code units}, rounded down; the remainder stays with the whole. */
  public long floorOf(long units) {
    return WideMath.mulDivFloor(units, value, ONE);
  }

  /** The part of {@code units}, rounded up. */
  public long ceilOf(long units) {
    return WideMath.mulDivCeil(units, value, ONE);
  }

  @Override
  public int compareTo(PartsPerMillion other) {
    return Integer.compare(value, other.value);
  }
}
