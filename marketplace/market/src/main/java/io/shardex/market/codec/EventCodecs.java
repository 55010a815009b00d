package io.shardex.market.codec;

import static io.shardex.market.codec.Primitives.BOOLEAN;
import static io.shardex.market.codec.Primitives.INT;
import static io.shardex.market.codec.Primitives.LONG;
import static io.shardex.market.codec.Primitives.enumeration;
import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;
import static io.shardex.market.codec.ValueCodecs.ADDRESS;
import static io.shardex.market.codec.ValueCodecs.AMOUNT;
import static io.shardex.market.codec.ValueCodecs.DIGEST;
import static io.shardex.market.codec.ValueCodecs.FACT;
import static io.shardex.market.codec.ValueCodecs.JOB_ID;
import static io.shardex.market.codec.ValueCodecs.TASK_ID;
import static io.shardex.market.codec.ValueCodecs.UNIT_PRICE;

import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.state.JobPhase;

/** The bytes of events and outcomes, as the running hash covers them and watchers receive them. */
public final class EventCodecs {
  private static final Codec<JobPhase> JOB_PHASE = enumeration(JobPhase.class);

  public static final Codec<Event> EVENT =
      new Union<Event>("event")
          .with(
              1,
              Event.NetworkBorn.class,
              record(
                  Event.NetworkBorn::new, field(ValueCodecs.NETWORK, Event.NetworkBorn::network)))
          .with(
              2,
              Event.NonceUsed.class,
              record(
                  Event.NonceUsed::new,
                  field(ADDRESS, Event.NonceUsed::signer),
                  field(LONG, Event.NonceUsed::nonce)))
          .with(
              3,
              Event.BeatReceived.class,
              record(
                  Event.BeatReceived::new,
                  field(ADDRESS, Event.BeatReceived::validator),
                  field(LONG, Event.BeatReceived::slot),
                  field(LONG, Event.BeatReceived::clockMillis),
                  field(LONG, Event.BeatReceived::finalBlock),
                  field(LONG, Event.BeatReceived::index),
                  field(DIGEST, Event.BeatReceived::hash)))
          .with(
              4,
              Event.SlotOpened.class,
              record(
                  Event.SlotOpened::new,
                  field(LONG, Event.SlotOpened::slot),
                  field(LONG, Event.SlotOpened::clockMillis)))
          .with(
              5,
              Event.GapExcused.class,
              record(Event.GapExcused::new, field(LONG, Event.GapExcused::millis)))
          .with(
              6,
              Event.EpochOpened.class,
              record(
                  Event.EpochOpened::new,
                  field(LONG, Event.EpochOpened::epoch),
                  field(LONG, Event.EpochOpened::endsAtMillis)))
          .with(
              7,
              Event.PriceSet.class,
              record(
                  Event.PriceSet::new,
                  field(ValueCodecs.RESOURCE_CLASS, Event.PriceSet::resources),
                  field(ValueCodecs.CLASS_PRICE, Event.PriceSet::price)))
          .with(
              8,
              Event.ChainAdvanced.class,
              record(
                  Event.ChainAdvanced::new,
                  field(LONG, Event.ChainAdvanced::block),
                  field(LONG, Event.ChainAdvanced::blockMillis)))
          .with(
              9,
              Event.ChainSaw.class,
              record(Event.ChainSaw::new, field(ValueCodecs.CHAIN_EVENT, Event.ChainSaw::what)))
          .with(
              10,
              Event.JobSubmitted.class,
              record(
                  Event.JobSubmitted::new,
                  field(JOB_ID, Event.JobSubmitted::job),
                  field(ADDRESS, Event.JobSubmitted::builder),
                  field(ValueCodecs.JOB_TERMS, Event.JobSubmitted::terms)))
          .with(
              11,
              Event.JobFunded.class,
              record(
                  Event.JobFunded::new,
                  field(JOB_ID, Event.JobFunded::job),
                  field(DIGEST, Event.JobFunded::model)))
          .with(
              12,
              Event.RoundOpened.class,
              record(
                  Event.RoundOpened::new,
                  field(JOB_ID, Event.RoundOpened::job),
                  field(INT, Event.RoundOpened::round)))
          .with(
              13,
              Event.RoundClosed.class,
              record(
                  Event.RoundClosed::new,
                  field(JOB_ID, Event.RoundClosed::job),
                  field(INT, Event.RoundClosed::round),
                  field(DIGEST, Event.RoundClosed::model),
                  field(LONG, Event.RoundClosed::lossBits)))
          .with(
              14,
              Event.JobPaused.class,
              record(
                  Event.JobPaused::new,
                  field(JOB_ID, Event.JobPaused::job),
                  field(UNIT_PRICE, Event.JobPaused::price)))
          .with(
              15,
              Event.JobResumed.class,
              record(
                  Event.JobResumed::new,
                  field(JOB_ID, Event.JobResumed::job),
                  field(UNIT_PRICE, Event.JobResumed::price)))
          .with(
              16,
              Event.JobEnding.class,
              record(
                  Event.JobEnding::new,
                  field(JOB_ID, Event.JobEnding::job),
                  field(JOB_PHASE, Event.JobEnding::phase),
                  field(ValueCodecs.ENDING, Event.JobEnding::ending)))
          .with(
              17,
              Event.JobEnded.class,
              record(
                  Event.JobEnded::new,
                  field(JOB_ID, Event.JobEnded::job),
                  field(JOB_PHASE, Event.JobEnded::phase),
                  field(ValueCodecs.ENDING, Event.JobEnded::ending),
                  field(AMOUNT, Event.JobEnded::refund)))
          .with(
              18,
              Event.JobSettled.class,
              record(Event.JobSettled::new, field(JOB_ID, Event.JobSettled::job)))
          .with(
              19,
              Event.JobArchived.class,
              record(Event.JobArchived::new, field(JOB_ID, Event.JobArchived::job)))
          .with(
              20,
              Event.DepositForgotten.class,
              record(Event.DepositForgotten::new, field(JOB_ID, Event.DepositForgotten::job)))
          .with(
              21,
              Event.WorkerRegistered.class,
              record(
                  Event.WorkerRegistered::new,
                  field(ADDRESS, Event.WorkerRegistered::worker),
                  field(ADDRESS, Event.WorkerRegistered::owner),
                  field(ValueCodecs.RESOURCE_CLASS, Event.WorkerRegistered::resources),
                  field(INT, Event.WorkerRegistered::memoryMiB)))
          .with(
              22,
              Event.AskPlaced.class,
              record(
                  Event.AskPlaced::new,
                  field(ADDRESS, Event.AskPlaced::worker),
                  field(UNIT_PRICE, Event.AskPlaced::reserve),
                  field(ValueCodecs.RUNTIMES, Event.AskPlaced::runtimes)))
          .with(
              23,
              Event.AskWithdrawn.class,
              record(
                  Event.AskWithdrawn::new,
                  field(ADDRESS, Event.AskWithdrawn::worker),
                  field(LONG, Event.AskWithdrawn::notBeforeMillis)))
          .with(
              24,
              Event.WorkerDraining.class,
              record(Event.WorkerDraining::new, field(ADDRESS, Event.WorkerDraining::worker)))
          .with(
              25,
              Event.SilenceReported.class,
              record(
                  Event.SilenceReported::new,
                  field(ADDRESS, Event.SilenceReported::worker),
                  field(LONG, Event.SilenceReported::deadlineMillis)))
          .with(
              26,
              Event.SilenceVoided.class,
              record(Event.SilenceVoided::new, field(ADDRESS, Event.SilenceVoided::worker)))
          .with(
              27,
              Event.LeaseGranted.class,
              record(
                  Event.LeaseGranted::new,
                  field(TASK_ID, Event.LeaseGranted::task),
                  field(LONG, Event.LeaseGranted::fence),
                  field(ADDRESS, Event.LeaseGranted::worker),
                  field(ADDRESS, Event.LeaseGranted::owner),
                  field(UNIT_PRICE, Event.LeaseGranted::price),
                  field(AMOUNT, Event.LeaseGranted::hold),
                  field(LONG, Event.LeaseGranted::deadlineMillis)))
          .with(
              28,
              Event.LeaseStarted.class,
              record(
                  Event.LeaseStarted::new,
                  field(TASK_ID, Event.LeaseStarted::task),
                  field(LONG, Event.LeaseStarted::fence)))
          .with(
              29,
              Event.ResultCommitted.class,
              record(
                  Event.ResultCommitted::new,
                  field(TASK_ID, Event.ResultCommitted::task),
                  field(LONG, Event.ResultCommitted::fence),
                  field(DIGEST, Event.ResultCommitted::result),
                  field(DIGEST, Event.ResultCommitted::seal),
                  field(BOOLEAN, Event.ResultCommitted::resumed)))
          .with(
              30,
              Event.LeaseFailed.class,
              record(
                  Event.LeaseFailed::new,
                  field(TASK_ID, Event.LeaseFailed::task),
                  field(LONG, Event.LeaseFailed::fence),
                  field(ADDRESS, Event.LeaseFailed::worker),
                  field(enumeration(Event.Failure.class), Event.LeaseFailed::why)))
          .with(
              31,
              Event.ShardVerified.class,
              record(
                  Event.ShardVerified::new,
                  field(TASK_ID, Event.ShardVerified::task),
                  field(ADDRESS, Event.ShardVerified::owner),
                  field(ValueCodecs.FEE_SPLIT, Event.ShardVerified::split)))
          .with(
              32,
              Event.FactOpened.class,
              record(
                  Event.FactOpened::new,
                  field(FACT, Event.FactOpened::fact),
                  field(LONG, Event.FactOpened::deadlineMillis)))
          .with(
              33,
              Event.Attested.class,
              record(
                  Event.Attested::new,
                  field(FACT, Event.Attested::fact),
                  field(INT, Event.Attested::view),
                  field(ADDRESS, Event.Attested::validator),
                  field(ValueCodecs.FACT_VALUE, Event.Attested::value),
                  field(ValueCodecs.BATCH_ENDORSEMENT.optional(), Event.Attested::endorsement)))
          .with(
              34,
              Event.ViewRaised.class,
              record(
                  Event.ViewRaised::new,
                  field(FACT, Event.ViewRaised::fact),
                  field(INT, Event.ViewRaised::view),
                  field(LONG, Event.ViewRaised::deadlineMillis)))
          .with(
              35,
              Event.FactSettled.class,
              record(
                  Event.FactSettled::new,
                  field(FACT, Event.FactSettled::fact),
                  field(ValueCodecs.FACT_VALUE, Event.FactSettled::value)))
          .with(
              36,
              Event.FactDropped.class,
              record(Event.FactDropped::new, field(FACT, Event.FactDropped::fact)))
          .with(
              37,
              Event.BatchSealed.class,
              record(Event.BatchSealed::new, field(ValueCodecs.BATCH, Event.BatchSealed::batch)))
          .with(
              38,
              Event.BatchSigned.class,
              record(
                  Event.BatchSigned::new,
                  field(LONG, Event.BatchSigned::batch),
                  field(DIGEST, Event.BatchSigned::digest),
                  field(ValueCodecs.BATCH_ENDORSEMENT.list(), Event.BatchSigned::endorsements)))
          .with(
              39,
              Event.BatchConfirmed.class,
              record(Event.BatchConfirmed::new, field(LONG, Event.BatchConfirmed::batch)))
          .with(
              40,
              Event.BatchSuperseded.class,
              record(Event.BatchSuperseded::new, field(LONG, Event.BatchSuperseded::batch)))
          .with(
              41,
              Event.PreimageRevealed.class,
              record(
                  Event.PreimageRevealed::new,
                  field(ADDRESS, Event.PreimageRevealed::validator),
                  field(LONG, Event.PreimageRevealed::slot),
                  field(DIGEST, Event.PreimageRevealed::preimage)))
          .with(
              42,
              Event.ChainAnnounced.class,
              record(
                  Event.ChainAnnounced::new,
                  field(ADDRESS, Event.ChainAnnounced::validator),
                  field(INT, Event.ChainAnnounced::number),
                  field(DIGEST, Event.ChainAnnounced::tip),
                  field(LONG, Event.ChainAnnounced::epoch)))
          .with(
              43,
              Event.ChainBegun.class,
              record(
                  Event.ChainBegun::new,
                  field(ADDRESS, Event.ChainBegun::validator),
                  field(INT, Event.ChainBegun::number),
                  field(DIGEST, Event.ChainBegun::tip),
                  field(LONG, Event.ChainBegun::slot)))
          .with(
              44,
              Event.BeaconJoined.class,
              record(Event.BeaconJoined::new, field(ADDRESS, Event.BeaconJoined::validator)))
          .with(
              45,
              Event.BeaconLeft.class,
              record(
                  Event.BeaconLeft::new,
                  field(ADDRESS, Event.BeaconLeft::validator),
                  field(LONG, Event.BeaconLeft::slot)))
          .with(
              46,
              Event.DrawAwaited.class,
              record(
                  Event.DrawAwaited::new,
                  field(LONG, Event.DrawAwaited::slot),
                  field(ADDRESS.list(), Event.DrawAwaited::members)))
          .with(
              47,
              Event.BeaconTurned.class,
              record(
                  Event.BeaconTurned::new,
                  field(LONG, Event.BeaconTurned::slot),
                  field(DIGEST, Event.BeaconTurned::beacon),
                  field(BOOLEAN, Event.BeaconTurned::whole)))
          .with(
              48,
              Event.LastDrawAwaited.class,
              record(
                  Event.LastDrawAwaited::new,
                  field(JOB_ID, Event.LastDrawAwaited::job),
                  field(LONG, Event.LastDrawAwaited::slot)))
          .with(
              49,
              Event.LastDrawMade.class,
              record(Event.LastDrawMade::new, field(JOB_ID, Event.LastDrawMade::job)))
          .with(
              50,
              Event.RoundTainted.class,
              record(
                  Event.RoundTainted::new,
                  field(JOB_ID, Event.RoundTainted::job),
                  field(INT, Event.RoundTainted::round),
                  field(ADDRESS, Event.RoundTainted::liar)))
          .with(
              51,
              Event.JobRolledBack.class,
              record(
                  Event.JobRolledBack::new,
                  field(JOB_ID, Event.JobRolledBack::job),
                  field(INT, Event.JobRolledBack::round),
                  field(AMOUNT, Event.JobRolledBack::discarded)))
          .with(
              52,
              Event.DivergenceCommitted.class,
              record(
                  Event.DivergenceCommitted::new,
                  field(TASK_ID, Event.DivergenceCommitted::task),
                  field(LONG, Event.DivergenceCommitted::fence),
                  field(INT, Event.DivergenceCommitted::step),
                  field(DIGEST, Event.DivergenceCommitted::seal),
                  field(BOOLEAN, Event.DivergenceCommitted::resumed)))
          .with(
              53,
              Event.ShardReplaced.class,
              record(Event.ShardReplaced::new, field(TASK_ID, Event.ShardReplaced::task)))
          .with(
              54,
              Event.AuditSpared.class,
              record(
                  Event.AuditSpared::new,
                  field(TASK_ID, Event.AuditSpared::audit),
                  field(ValueCodecs.PARTS, Event.AuditSpared::rate)))
          .with(
              55,
              Event.AuditDrawn.class,
              record(
                  Event.AuditDrawn::new,
                  field(TASK_ID, Event.AuditDrawn::audit),
                  field(enumeration(Event.DrawCause.class), Event.AuditDrawn::cause),
                  field(ValueCodecs.PARTS, Event.AuditDrawn::rate),
                  field(ADDRESS.optional(), Event.AuditDrawn::auditor),
                  field(UNIT_PRICE, Event.AuditDrawn::price),
                  field(AMOUNT, Event.AuditDrawn::hold)))
          .with(
              56,
              Event.AuditSealed.class,
              record(
                  Event.AuditSealed::new,
                  field(TASK_ID, Event.AuditSealed::audit),
                  field(LONG, Event.AuditSealed::fence),
                  field(DIGEST, Event.AuditSealed::seal),
                  field(LONG, Event.AuditSealed::revealByMillis)))
          .with(
              57,
              Event.Revealed.class,
              record(
                  Event.Revealed::new,
                  field(TASK_ID, Event.Revealed::task),
                  field(LONG, Event.Revealed::fence),
                  field(DIGEST, Event.Revealed::root),
                  field(DIGEST, Event.Revealed::shown)))
          .with(
              58,
              Event.AuditMissed.class,
              record(
                  Event.AuditMissed::new,
                  field(TASK_ID, Event.AuditMissed::audit),
                  field(ADDRESS, Event.AuditMissed::auditor),
                  field(ADDRESS, Event.AuditMissed::owner)))
          .with(
              59,
              Event.AuditReturned.class,
              record(
                  Event.AuditReturned::new,
                  field(TASK_ID, Event.AuditReturned::audit),
                  field(ADDRESS, Event.AuditReturned::auditor)))
          .with(
              60,
              Event.AuditVoided.class,
              record(Event.AuditVoided::new, field(TASK_ID, Event.AuditVoided::audit)))
          .with(
              61,
              Event.ResultProved.class,
              record(Event.ResultProved::new, field(TASK_ID, Event.ResultProved::audit)))
          .with(
              62,
              Event.AuditPaid.class,
              record(
                  Event.AuditPaid::new,
                  field(TASK_ID, Event.AuditPaid::audit),
                  field(ADDRESS, Event.AuditPaid::owner),
                  field(ValueCodecs.FEE_SPLIT, Event.AuditPaid::split)))
          .with(
              63,
              Event.DisputeOpened.class,
              record(
                  Event.DisputeOpened::new,
                  field(TASK_ID, Event.DisputeOpened::audit),
                  field(enumeration(Event.DisputeCause.class), Event.DisputeOpened::cause)))
          .with(
              64,
              Event.DisputeSettled.class,
              record(
                  Event.DisputeSettled::new,
                  field(TASK_ID, Event.DisputeSettled::audit),
                  field(ValueCodecs.EXECUTED, Event.DisputeSettled::truth),
                  field(BOOLEAN, Event.DisputeSettled::workerLied),
                  field(BOOLEAN, Event.DisputeSettled::auditorLied),
                  field(BOOLEAN, Event.DisputeSettled::misled)))
          .with(
              65,
              Event.ResultRefuted.class,
              record(
                  Event.ResultRefuted::new,
                  field(TASK_ID, Event.ResultRefuted::audit),
                  field(DIGEST, Event.ResultRefuted::shown),
                  field(INT.optional(), Event.ResultRefuted::divergedAt)))
          .with(
              66,
              Event.PayReversed.class,
              record(
                  Event.PayReversed::new,
                  field(TASK_ID, Event.PayReversed::audit),
                  field(ADDRESS, Event.PayReversed::owner),
                  field(ValueCodecs.FEE_SPLIT, Event.PayReversed::split)))
          .with(
              67,
              Event.LieProved.class,
              record(
                  Event.LieProved::new,
                  field(TASK_ID, Event.LieProved::audit),
                  field(ADDRESS, Event.LieProved::worker),
                  field(ADDRESS, Event.LieProved::owner)))
          .with(
              68,
              Event.OwnerSuspected.class,
              record(
                  Event.OwnerSuspected::new,
                  field(ADDRESS, Event.OwnerSuspected::owner),
                  field(LONG, Event.OwnerSuspected::slot)))
          .with(
              69,
              Event.StakeSlashed.class,
              record(
                  Event.StakeSlashed::new,
                  field(ADDRESS, Event.StakeSlashed::owner),
                  field(AMOUNT, Event.StakeSlashed::amount)))
          .with(
              70,
              Event.Compensated.class,
              record(
                  Event.Compensated::new,
                  field(ADDRESS, Event.Compensated::owner),
                  field(ADDRESS, Event.Compensated::beneficiary),
                  field(AMOUNT, Event.Compensated::amount)))
          .with(
              71,
              Event.ExecutionPaid.class,
              record(
                  Event.ExecutionPaid::new,
                  field(JOB_ID, Event.ExecutionPaid::job),
                  field(ADDRESS, Event.ExecutionPaid::validator),
                  field(AMOUNT, Event.ExecutionPaid::amount)))
          .with(
              72,
              Event.AuditDeferred.class,
              record(
                  Event.AuditDeferred::new,
                  field(TASK_ID, Event.AuditDeferred::audit),
                  field(enumeration(Event.DrawCause.class), Event.AuditDeferred::cause),
                  field(LONG, Event.AuditDeferred::slot)))
          .with(
              73,
              Event.ProofWaived.class,
              record(Event.ProofWaived::new, field(TASK_ID, Event.ProofWaived::audit)))
          .with(
              74,
              Event.CheckpointSaved.class,
              record(
                  Event.CheckpointSaved::new,
                  field(TASK_ID, Event.CheckpointSaved::task),
                  field(LONG, Event.CheckpointSaved::fence),
                  field(ADDRESS, Event.CheckpointSaved::worker),
                  field(INT, Event.CheckpointSaved::step),
                  field(DIGEST, Event.CheckpointSaved::blob),
                  field(BOOLEAN, Event.CheckpointSaved::resumed)))
          .with(
              75,
              Event.InstalmentPaid.class,
              record(
                  Event.InstalmentPaid::new,
                  field(TASK_ID, Event.InstalmentPaid::task),
                  field(LONG, Event.InstalmentPaid::fence),
                  field(ADDRESS, Event.InstalmentPaid::owner),
                  field(ValueCodecs.FEE_SPLIT, Event.InstalmentPaid::split)))
          .with(
              90,
              Event.ChallengesAwaited.class,
              record(
                  Event.ChallengesAwaited::new,
                  field(LONG, Event.ChallengesAwaited::slot),
                  field(ValueCodecs.PARTS, Event.ChallengesAwaited::rate)))
          .with(
              91,
              Event.ChallengeDrawn.class,
              record(
                  Event.ChallengeDrawn::new,
                  field(ADDRESS, Event.ChallengeDrawn::worker),
                  field(ValueCodecs.CHALLENGE, Event.ChallengeDrawn::challenge),
                  field(LONG, Event.ChallengeDrawn::deadlineMillis)))
          .with(
              92,
              Event.ChallengeAnswered.class,
              record(
                  Event.ChallengeAnswered::new,
                  field(ADDRESS, Event.ChallengeAnswered::worker),
                  field(DIGEST, Event.ChallengeAnswered::root),
                  field(LONG, Event.ChallengeAnswered::slot)))
          .with(
              93,
              Event.OpeningDeferred.class,
              record(
                  Event.OpeningDeferred::new,
                  field(ADDRESS, Event.OpeningDeferred::worker),
                  field(LONG, Event.OpeningDeferred::slot)))
          .with(
              94,
              Event.OpeningDrawn.class,
              record(
                  Event.OpeningDrawn::new,
                  field(ADDRESS, Event.OpeningDrawn::worker),
                  field(DIGEST, Event.OpeningDrawn::draw),
                  field(LONG, Event.OpeningDrawn::deadlineMillis)))
          .with(
              95,
              Event.ChallengeOpened.class,
              record(
                  Event.ChallengeOpened::new,
                  field(ADDRESS, Event.ChallengeOpened::worker),
                  field(DIGEST, Event.ChallengeOpened::opening)))
          .with(
              96,
              Event.HardwareProven.class,
              record(
                  Event.HardwareProven::new,
                  field(ADDRESS, Event.HardwareProven::worker),
                  field(LONG, Event.HardwareProven::millis)))
          .with(
              97,
              Event.HardwareRefuted.class,
              record(
                  Event.HardwareRefuted::new,
                  field(ADDRESS, Event.HardwareRefuted::worker),
                  field(enumeration(Event.Unproven.class), Event.HardwareRefuted::why)))
          .with(
              98,
              Event.ChallengeDropped.class,
              record(Event.ChallengeDropped::new, field(ADDRESS, Event.ChallengeDropped::worker)));

  private static final Codec<Rejection> REJECTION =
      record(
          Rejection::new,
          field(enumeration(Rejection.Reason.class), Rejection::reason),
          field(Primitives.TEXT, Rejection::detail));

  public static final Codec<Outcome> OUTCOME =
      new Union<Outcome>("outcome")
          .with(
              1,
              Outcome.Accepted.class,
              record(Outcome.Accepted::new, field(EVENT.list(), Outcome.Accepted::events)))
          .with(
              2,
              Outcome.Rejected.class,
              record(Outcome.Rejected::new, field(REJECTION, Outcome.Rejected::rejection)));

  private EventCodecs() {}
}
