package io.shardex.market.decide;

import io.shardex.market.Rejection;
import io.shardex.market.Rejection.Reason;

/**
 * Leaves a decision with a rejection. Thrown only before the first event is emitted, and turned
 * into a value by {@link MarketMachine}; it never leaves the core.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Characters of a detail at most: in UTF-8 no more than the log's longest text, 1,024 bytes. */
  private static final int MAX_DETAIL = 340;

  private final transient Rejection rejection;

  Refusal(Reason reason, String detail) {
    super(detail, null, false, false);
    this.rejection =
        new Rejection(reason, detail.substring(0, Math.min(detail.length(), MAX_DETAIL)));
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
