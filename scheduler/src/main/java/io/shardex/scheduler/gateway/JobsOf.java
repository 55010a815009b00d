package io.shardex.scheduler.gateway;

import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.JobId;

/** Which events concern a job, for readers who follow one. */
final class JobsOf {
  private JobsOf() {}

  static boolean touches(Event event, JobId job) {
    return switch (event) {
      case Event.JobSubmitted e -> e.job().equals(job);
      case Event.JobFunded e -> e.job().equals(job);
      case Event.RoundOpened e -> e.job().equals(job);
      case Event.RoundClosed e -> e.job().equals(job);
      case Event.JobPaused e -> e.job().equals(job);
      case Event.JobResumed e -> e.job().equals(job);
      case Event.JobEnding e -> e.job().equals(job);
      case Event.JobEnded e -> e.job().equals(job);
      case Event.JobSettled e -> e.job().equals(job);
      case Event.JobArchived e -> e.job().equals(job);
      case Event.DepositForgotten e -> e.job().equals(job);
      case Event.LeaseGranted e -> e.task().job().equals(job);
      case Event.LeaseStarted e -> e.task().job().equals(job);
      case Event.ResultCommitted e -> e.task().job().equals(job);
      case Event.LeaseFailed e -> e.task().job().equals(job);
      case Event.ShardVerified e -> e.task().job().equals(job);
      case Event.AuditSpared e -> e.audit().job().equals(job);
      case Event.AuditDeferred e -> e.audit().job().equals(job);
      case Event.AuditDrawn e -> e.audit().job().equals(job);
      case Event.AuditSealed e -> e.audit().job().equals(job);
      case Event.Revealed e -> e.task().job().equals(job);
      case Event.AuditMissed e -> e.audit().job().equals(job);
      case Event.AuditReturned e -> e.audit().job().equals(job);
      case Event.AuditVoided e -> e.audit().job().equals(job);
      case Event.ResultProved e -> e.audit().job().equals(job);
      case Event.AuditPaid e -> e.audit().job().equals(job);
      case Event.DisputeOpened e -> e.audit().job().equals(job);
      case Event.DisputeSettled e -> e.audit().job().equals(job);
      case Event.ResultRefuted e -> e.audit().job().equals(job);
      case Event.PayReversed e -> e.audit().job().equals(job);
      case Event.LieProved e -> e.audit().job().equals(job);
      case Event.ExecutionPaid e -> e.job().equals(job);
      case Event.OwnerSuspected e -> false;
      case Event.StakeSlashed e -> false;
      case Event.Compensated e -> false;
      case Event.DivergenceCommitted e -> e.task().job().equals(job);
      case Event.ShardReplaced e -> e.task().job().equals(job);
      case Event.LastDrawAwaited e -> e.job().equals(job);
      case Event.LastDrawMade e -> e.job().equals(job);
      case Event.RoundTainted e -> e.job().equals(job);
      case Event.JobRolledBack e -> e.job().equals(job);
      case Event.PreimageRevealed e -> false;
      case Event.ChainAnnounced e -> false;
      case Event.ChainBegun e -> false;
      case Event.BeaconJoined e -> false;
      case Event.BeaconLeft e -> false;
      case Event.DrawAwaited e -> false;
      case Event.BeaconTurned e -> false;
      case Event.FactOpened e -> touches(e.fact(), job);
      case Event.Attested e -> touches(e.fact(), job);
      case Event.ViewRaised e -> touches(e.fact(), job);
      case Event.FactSettled e -> touches(e.fact(), job);
      case Event.FactDropped e -> touches(e.fact(), job);
      case Event.ChainSaw e -> touches(e.what(), job);
      case Event.BatchSealed e -> touches(e.batch(), job);
      case Event.NetworkBorn e -> false;
      case Event.NonceUsed e -> false;
      case Event.BeatReceived e -> false;
      case Event.SlotOpened e -> false;
      case Event.GapExcused e -> false;
      case Event.EpochOpened e -> false;
      case Event.PriceSet e -> false;
      case Event.ChainAdvanced e -> false;
      case Event.WorkerRegistered e -> false;
      case Event.AskPlaced e -> false;
      case Event.AskWithdrawn e -> false;
      case Event.WorkerDraining e -> false;
      case Event.SilenceReported e -> false;
      case Event.SilenceVoided e -> false;
      case Event.BatchSigned e -> false;
      case Event.BatchConfirmed e -> false;
      case Event.BatchSuperseded e -> false;
    };
  }

  private static boolean touches(Fact fact, JobId job) {
    return switch (fact) {
      case Fact.TermsOf f -> f.job().equals(job);
      case Fact.RoundModel f -> f.job().equals(job);
      case Fact.ResultUnusable f -> f.task().job().equals(job);
      case Fact.ChainRange f -> false;
      case Fact.BatchOf f -> false;
      case Fact.Dispute f -> f.audit().job().equals(job);
      case Fact.Checkpoint f -> false;
    };
  }

  private static boolean touches(ChainEvent what, JobId job) {
    return switch (what) {
      case ChainEvent.Deposited e -> e.job().equals(job);
      case ChainEvent.Reclaimed e -> e.job().equals(job);
      case ChainEvent.Shortfall e -> e.job().equals(job);
      case ChainEvent.Staked e -> false;
      case ChainEvent.UnstakeRequested e -> false;
      case ChainEvent.Unstaked e -> false;
      case ChainEvent.Settled e -> false;
    };
  }

  private static boolean touches(Batch batch, JobId job) {
    return batch.pays().stream().anyMatch(line -> line.job().equals(job))
        || batch.closes().stream().anyMatch(line -> line.job().equals(job));
  }
}
