package io.shardex.scheduler.attest;

import io.shardex.market.Batch;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.state.SealedBatch;
import io.shardex.scheduler.replica.MarketReplica;
import java.util.Optional;
import java.util.function.Function;

/** The hash of a batch that this node's own replica has sealed, as the contract will compute it. */
public final class BatchWitness implements Witness<Fact.BatchOf> {
  private final MarketReplica replica;
  private final Function<Batch, Digest> encodingHash;

  /**
   * A witness of batches.
   *
   * @param encodingHash SHA-256 of the batch's ABI encoding
   */
  public BatchWitness(MarketReplica replica, Function<Batch, Digest> encodingHash) {
    this.replica = replica;
    this.encodingHash = encodingHash;
  }

  @Override
  public Statement look(Fact.BatchOf fact) throws CannotTell {
    SealedBatch batch =
        replica
            .read(state -> Optional.ofNullable(state.batches().get(fact.batch())))
            .orElseThrow(() -> new CannotTell("batch " + fact.batch() + " is not sealed here"));
    return new Statement(fact, new FactValue.BatchHash(encodingHash.apply(batch.batch())));
  }
}
