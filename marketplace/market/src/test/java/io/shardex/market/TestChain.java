package io.shardex.market;

import io.shardex.pricing.Amount;
import java.util.ArrayList;
import java.util.List;

/** A chain of blocks with at most one event each; every block is final at once. */
final class TestChain {
  private static final long BLOCK_MILLIS = 1_000;

  private final List<List<ChainEvent>> blocks = new ArrayList<>();

  /** Number of the newest block; the first is 1. */
  long head() {
    return blocks.size();
  }

  TestChain add(ChainEvent... events) {
    blocks.add(List.of(events));
    return this;
  }

  void stake(Address owner, long tokens) {
    add(new ChainEvent.Staked(owner, Amount.of(tokens * Amount.TOKEN)));
  }

  /** What an honest validator reads from {@code from} to {@code to}, both included. */
  FactValue.ChainPage page(long from, long to) {
    List<ChainEvent> events = new ArrayList<>();
    for (long block = from; block <= to; block++) {
      events.addAll(blocks.get((int) block - 1));
    }
    return new FactValue.ChainPage(to, to * BLOCK_MILLIS, events);
  }
}
