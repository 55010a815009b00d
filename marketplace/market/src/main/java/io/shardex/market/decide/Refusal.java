package io.shardex.market.decide;

import io.shardex.market.Rejection;
import io.shardex.market.Rejection.Reason;

/**
 * Leaves a decision with a rejection. Thrown only before the first event is emitted, and turned
 * into a value by {@link MarketMachine}; it never leaves the core.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient Rejection rejection;

  Refusal(Reason reason, String detail) {
    super(detail, null, false, false);
    this.rejection = new Rejection(reason, detail);
  }

  Rejection rejection() {
    return rejection;
  }

  static void unless(boolean holds, Reason reason, String detail) {
    if (!holds) {
      throw new Refusal(reason, detail);
    }
  }
}
