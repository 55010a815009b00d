package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.scheduler.replica.MarketReplica;

/** What this replica's whole state hashed to when the checkpoint was asked for. */
public final class CheckpointWitness implements Witness<Fact.Checkpoint> {
  private final MarketReplica replica;

  public CheckpointWitness(MarketReplica replica) {
    this.replica = replica;
  }

  @Override
  public Statement look(Fact.Checkpoint fact) throws CannotTell {
    Digest hash =
        replica
            .checkpointAt(fact.index())
            .orElseThrow(() -> new CannotTell("the state at index " + fact.index() + " is past"));
    return new Statement(fact, new FactValue.StateDigest(hash));
  }
}
