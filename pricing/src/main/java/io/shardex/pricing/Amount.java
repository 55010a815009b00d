package io.shardex.pricing;

/**
 * Money: a non-negative count of base units of the escrow token (6 decimals, so 1,000,000 is one
 * token). Every operation is exact; one that would overflow or fall below zero throws {@link
 * ArithmeticException}.
 */
public record Amount(long units) implements Comparable<Amount> {
  public static final Amount ZERO = new Amount(0);

  /** Base units in one whole token. */
  public static final long TOKEN = 1_000_000;

  public Amount {
    if (units < 0) {
      throw new ArithmeticException("an amount cannot be negative: " + units);
    }
  }

  public static Amount of(long units) {
    return units == 0 ? ZERO : new Amount(units);
  }

  public Amount plus(Amount other) {
    return of(Math.addExact(units, other.units));
  }

  public Amount minus(Amount other) {
    return of(Math.subtractExact(units, other.units));
  }

  public Amount times(long factor) {
    return of(Math.multiplyExact(units, factor));
  }

  public Amount min(Amount other) {
    return units <= other.units ? this : other;
  }

  public boolean isZero() {
    return units == 0;
  }

  public boolean isLessThan(Amount other) {
    return units < other.units;
  }

  @Override
  public int compareTo(Amount other) {
    return Long.compare(units, other.units);
  }

  /** The amount in whole tokens, as {@code 4.997348}. */
  public String tokens() {
    String fraction = Long.toString(TOKEN + units % TOKEN).substring(1);
    return units / TOKEN + "." + fraction;
  }

  @Override
  public String toString() {
    return tokens();
  }
}
