package io.shardex.market.state;

import io.shardex.market.Batch;
import io.shardex.market.Digest;
import java.util.List;

/** A batch and how far it has come. {@code digest} is zero until it is SIGNED. */
public record SealedBatch(
    Batch batch, BatchPhase phase, Digest digest, List<Batch.Endorsement> endorsements) {
  public SealedBatch {
    endorsements = List.copyOf(endorsements);
  }

  SealedBatch signed(Digest agreed, List<Batch.Endorsement> signatures) {
    return new SealedBatch(batch, checked(BatchPhase.SIGNED), agreed, signatures);
  }

  SealedBatch in(BatchPhase next) {
    return new SealedBatch(batch, checked(next), digest, endorsements);
  }

  private BatchPhase checked(BatchPhase next) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException(
          "batch " + batch.id() + " cannot go from " + phase + " to " + next);
    }
    return next;
  }
}
