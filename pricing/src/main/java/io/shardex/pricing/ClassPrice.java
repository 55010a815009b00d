package io.shardex.pricing;

/**
 * The price of a class in one epoch, and how it moves to the next.
 *
 * <p>The price of an epoch is computed only from books of earlier epochs, so nobody can move the
 * price they trade at. It walks towards the last book's clearing price by at most {@code step} of
 * itself; the step grows by a fixed amount while the direction holds and halves when it turns
 * (additive increase, multiplicative decrease: Chiu and Jain 1989). A book that could trade but did
 * not, because the price stood outside it, lets the price jump to its clearing price.
 *
 * @param price gross price every trade of this epoch is made at
 * @param step largest relative move to the next epoch
 * @param rose whether the last move went up
 */
public record ClassPrice(UnitPrice price, PartsPerMillion step, boolean rose) {
  private static final PartsPerMillion SMALLEST_STEP = new PartsPerMillion(5_000);
  private static final PartsPerMillion LARGEST_STEP = new PartsPerMillion(100_000);
  private static final int STEP_GROWTH = 5_000;

  public static ClassPrice starting(UnitPrice price) {
    return new ClassPrice(price, SMALLEST_STEP, true);
  }

  /** The next epoch's price, given the book that stood when this one ended. */
  public ClassPrice next(Book book) {
    if (!book.couldTrade()) {
      return this;
    }
    UnitPrice target = book.clearingPrice();
    boolean outside = book.supplyAt(price) == 0 || book.demandAt(price) == 0;
    if (outside) {
      return new ClassPrice(target, SMALLEST_STEP, target.compareTo(price) >= 0);
    }
    if (target.equals(price)) {
      return this;
    }
    boolean rises = target.compareTo(price) > 0;
    PartsPerMillion size = rises == rose ? grown() : halved();
    return new ClassPrice(moved(target, size), size, rises);
  }

  private UnitPrice moved(UnitPrice target, PartsPerMillion size) {
    long reach = Math.max(1, size.floorOf(price.perTeraWork()));
    long gap = target.perTeraWork() - price.perTeraWork();
    return new UnitPrice(price.perTeraWork() + Math.clamp(gap, -reach, reach));
  }

  private PartsPerMillion grown() {
    return new PartsPerMillion(Math.min(step.value() + STEP_GROWTH, LARGEST_STEP.value()));
  }

  private PartsPerMillion halved() {
    return new PartsPerMillion(Math.max(step.value() / 2, SMALLEST_STEP.value()));
  }
}
