package io.shardex.market.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Holds the indexes to what a replica would build from a snapshot. */
public final class IndexCheck {
  private IndexCheck() {}

  public static void areThoseOfASnapshot(MarketState state) {
    MarketState rebuilt = state.copy();
    rebuilt.rebuildIndexes();
    assertEquals(rebuilt.indexes.toString(), state.indexes.toString());
  }
}
