package io.shardex.scheduler.events;

import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.JobId;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which jobs an event concerns, for readers who follow one. */
public final class JobsOf {
  private JobsOf() {}

  /** Whether the event concerns the job. */
  public static boolean touches(Event event, JobId job) {
    return of(event).contains(job);
  }

  /** The jobs that the event concerns. */
  public static Set<JobId> of(Event event) {
    return switch (event) {
      case Event.JobSubmitted e -> Set.of(e.job());
      case Event.JobFunded e -> Set.of(e.job());
      case Event.RoundOpened e -> Set.of(e.job());
      case Event.RoundClosed e -> Set.of(e.job());
      case Event.JobPaused e -> Set.of(e.job());
      case Event.JobResumed e -> Set.of(e.job());
      case Event.JobEnding e -> Set.of(e.job());
      case Event.JobEnded e -> Set.of(e.job());
      case Event.JobSettled e -> Set.of(e.job());
      case Event.JobArchived e -> Set.of(e.job());
      case Event.DepositForgotten e -> Set.of(e.job());
      case Event.LeaseGranted e -> Set.of(e.task().job());
      case Event.LeaseStarted e -> Set.of(e.task().job());
      case Event.ResultCommitted e -> Set.of(e.task().job());
      case Event.CheckpointSaved e -> Set.of(e.task().job());
      case Event.InstalmentPaid e -> Set.of(e.task().job());
      case Event.LeaseFailed e -> Set.of(e.task().job());
      case Event.ShardVerified e -> Set.of(e.task().job());
      case Event.AuditSpared e -> Set.of(e.audit().job());
      case Event.ProofWaived e -> Set.of(e.audit().job());
      case Event.AuditDeferred e -> Set.of(e.audit().job());
      case Event.AuditDrawn e -> Set.of(e.audit().job());
      case Event.AuditSealed e -> Set.of(e.audit().job());
      case Event.Revealed e -> Set.of(e.task().job());
      case Event.AuditMissed e -> Set.of(e.audit().job());
      case Event.AuditReturned e -> Set.of(e.audit().job());
      case Event.AuditVoided e -> Set.of(e.audit().job());
      case Event.ResultProved e -> Set.of(e.audit().job());
      case Event.AuditPaid e -> Set.of(e.audit().job());
      case Event.DisputeOpened e -> Set.of(e.audit().job());
      case Event.DisputeSettled e -> Set.of(e.audit().job());
      case Event.ResultRefuted e -> Set.of(e.audit().job());
      case Event.PayReversed e -> Set.of(e.audit().job());
      case Event.LieProved e -> Set.of(e.audit().job());
      case Event.ExecutionPaid e -> Set.of(e.job());
      case Event.OwnerSuspected e -> Set.of();
      case Event.StakeSlashed e -> Set.of();
      case Event.Compensated e -> Set.of();
      case Event.DivergenceCommitted e -> Set.of(e.task().job());
      case Event.ShardReplaced e -> Set.of(e.task().job());
      case Event.LastDrawAwaited e -> Set.of(e.job());
      case Event.LastDrawMade e -> Set.of(e.job());
      case Event.RoundTainted e -> Set.of(e.job());
      case Event.JobRolledBack e -> Set.of(e.job());
      case Event.PreimageRevealed e -> Set.of();
      case Event.ChainAnnounced e -> Set.of();
      case Event.ChainBegun e -> Set.of();
      case Event.BeaconJoined e -> Set.of();
      case Event.BeaconLeft e -> Set.of();
      case Event.DrawAwaited e -> Set.of();
      case Event.BeaconTurned e -> Set.of();
      case Event.FactOpened e -> of(e.fact());
      case Event.Attested e -> of(e.fact());
      case Event.ViewRaised e -> of(e.fact());
      case Event.FactSettled e -> of(e.fact());
      case Event.FactDropped e -> of(e.fact());
      case Event.ChainSaw e -> of(e.what());
      case Event.BatchSealed e -> of(e.batch());
      case Event.NetworkBorn e -> Set.of();
      case Event.NonceUsed e -> Set.of();
      case Event.BeatReceived e -> Set.of();
      case Event.SlotOpened e -> Set.of();
      case Event.GapExcused e -> Set.of();
      case Event.EpochOpened e -> Set.of();
      case Event.PriceSet e -> Set.of();
      case Event.ChainAdvanced e -> Set.of();
      case Event.WorkerRegistered e -> Set.of();
      case Event.AskPlaced e -> Set.of();
      case Event.AskWithdrawn e -> Set.of();
      case Event.WorkerDraining e -> Set.of();
      case Event.SilenceReported e -> Set.of();
      case Event.SilenceVoided e -> Set.of();
      case Event.ChallengesAwaited e -> Set.of();
      case Event.ChallengeDrawn e -> Set.of();
      case Event.ChallengeAnswered e -> Set.of();
      case Event.OpeningDeferred e -> Set.of();
      case Event.OpeningDrawn e -> Set.of();
      case Event.ChallengeOpened e -> Set.of();
      case Event.HardwareProven e -> Set.of();
      case Event.HardwareRefuted e -> Set.of();
      case Event.ChallengeDropped e -> Set.of();
      case Event.BatchSigned e -> Set.of();
      case Event.BatchConfirmed e -> Set.of();
      case Event.BatchSuperseded e -> Set.of();
    };
  }

  private static Set<JobId> of(Fact fact) {
    return switch (fact) {
      case Fact.TermsOf f -> Set.of(f.job());
      case Fact.RoundModel f -> Set.of(f.job());
      case Fact.ResultUnusable f -> Set.of(f.task().job());
      case Fact.ChainRange f -> Set.of();
      case Fact.BatchOf f -> Set.of();
      case Fact.Dispute f -> Set.of(f.audit().job());
      case Fact.Checkpoint f -> Set.of();
      case Fact.Hardware f -> Set.of();
    };
  }

  private static Set<JobId> of(ChainEvent what) {
    return switch (what) {
      case ChainEvent.Deposited e -> Set.of(e.job());
      case ChainEvent.Reclaimed e -> Set.of(e.job());
      case ChainEvent.Shortfall e -> Set.of(e.job());
      case ChainEvent.Staked e -> Set.of();
      case ChainEvent.UnstakeRequested e -> Set.of();
      case ChainEvent.Unstaked e -> Set.of();
      case ChainEvent.Settled e -> Set.of();
    };
  }

  private static Set<JobId> of(Batch batch) {
    return Stream.concat(
            batch.pays().stream().map(Batch.PayLine::job),
            batch.closes().stream().map(Batch.CloseLine::job))
        .collect(Collectors.toSet());
  }
}
