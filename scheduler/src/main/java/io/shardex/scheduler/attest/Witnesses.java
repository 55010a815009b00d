package io.shardex.scheduler.attest;

import io.shardex.market.Fact;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;

/** One witness for each kind of fact. */
public record Witnesses(
    Witness<Fact.ChainRange> chain,
    Witness<Fact.TermsOf> terms,
    Witness<Fact.RoundModel> round,
    Witness<Fact.ResultUnusable> result,
    Witness<Fact.BatchOf> batch,
    Witness<Fact.Dispute> dispute,
    Witness<Fact.Checkpoint> checkpoint,
    Witness<Fact.Hardware> hardware) {

  Statement look(Fact fact) throws CannotTell {
    return switch (fact) {
      case Fact.ChainRange range -> chain.look(range);
      case Fact.TermsOf job -> terms.look(job);
      case Fact.RoundModel model -> round.look(model);
      case Fact.ResultUnusable unusable -> result.look(unusable);
      case Fact.BatchOf paid -> batch.look(paid);
      case Fact.Dispute disputed -> dispute.look(disputed);
      case Fact.Checkpoint asked -> checkpoint.look(asked);
      case Fact.Hardware challenged -> hardware.look(challenged);
    };
  }
}
