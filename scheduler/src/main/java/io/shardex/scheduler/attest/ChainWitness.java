package io.shardex.scheduler.attest;

import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.scheduler.replica.MarketReplica;

/** What happened on the chain, as this node's own endpoint tells it. */
public final class ChainWitness implements Witness<Fact.ChainRange> {
  private final MarketReplica replica;
  private final ChainReader chain;

  /** Reads a range of final blocks. */
  @FunctionalInterface
  public interface ChainReader {
    /**
     * What the contracts did in these blocks, in chain order.
     *
     * @param mostEvents the page ends before the block that would bring it over this
     * @throws CannotTell if no endpoint answers, or its chain does not reach {@code to} yet
     */
    FactValue.ChainPage read(long from, long to, int mostEvents) throws CannotTell;
  }

  public ChainWitness(MarketReplica replica, ChainReader chain) {
    this.replica = replica;
    this.chain = chain;
  }

  @Override
  public Statement look(Fact.ChainRange range) throws CannotTell {
    int most = replica.read(state -> state.rules().bounds().chainEvents());
    return new Statement(range, chain.read(range.from(), range.to(), most));
  }
}
