package io.shardex.pricing;

/**
 * The price of work in one class: base units per 10^12 WU. The scale lets a cheap class still move
 * by small steps.
 */
public record UnitPrice(long perTeraWork) implements Comparable<UnitPrice> {
  /** Work units the price is quoted for. */
  public static final long SCALE = 1_000_000_000_000L;

  public static final UnitPrice ZERO = new UnitPrice(0);

  public UnitPrice {
    if (perTeraWork < 0) {
      throw new ArithmeticException("a price cannot be negative: " + perTeraWork);
    }
  }

  /** What {@code work} costs at this price, rounded down (for pay). */
  public Amount floorCost(WorkUnits work) {
    return Amount.of(WideMath.mulDivFloor(perTeraWork, work.count(), SCALE));
  }

  /** What {@code work} costs at this price, rounded up (for holds). */
  public Amount ceilCost(WorkUnits work) {
    return Amount.of(WideMath.mulDivCeil(perTeraWork, work.count(), SCALE));
  }

  /** The price that remains for the seller after a fee, rounded down. */
  public UnitPrice less(PartsPerMillion fee) {
    return new UnitPrice(perTeraWork - fee.ceilOf(perTeraWork));
  }

  /** The least gross price that leaves the seller this one after a fee: {@link #less} undone. */
  public UnitPrice plus(PartsPerMillion fee) {
    return new UnitPrice(
        WideMath.mulDivCeil(perTeraWork, PartsPerMillion.ONE, PartsPerMillion.ONE - fee.value()));
  }

  /**
   * The price that makes one slot-hour cost {@code perHour}, for a class that does {@code
   * workPerHour} in an hour; rounded down, so that an hour never costs more.
   */
  public static UnitPrice ofHourly(Amount perHour, WorkUnits workPerHour) {
    return new UnitPrice(WideMath.mulDivFloor(perHour.units(), SCALE, workPerHour.count()));
  }

  /** What one slot-hour costs at this price, rounded down. */
  public Amount perHour(WorkUnits workPerHour) {
    return floorCost(workPerHour);
  }

  @Override
  public int compareTo(UnitPrice other) {
    return Long.compare(perTeraWork, other.perTeraWork);
  }

  @Override
  public String toString() {
    return Long.toString(perTeraWork);
  }
}
