package io.shardex.market;

import io.shardex.market.state.JobPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;

/** What happened in the market. Applying an event is the only way its state changes. */
public sealed interface Event {
  record NetworkBorn(Network network) implements Event {}

  record NonceUsed(Address signer, long nonce) implements Event {}

  // Time.

  record BeatReceived(
      Address validator, long slot, long clockMillis, long finalBlock, long index, Digest hash)
      implements Event {}

  /** k validators beat in the slot before; the market's clock now stands at {@code clockMillis}. */
  record SlotOpened(long slot, long clockMillis) implements Event {}

  /** The clock jumped: every lease and every open view gets the time back. */
  record GapExcused(long millis) implements Event {}

  record EpochOpened(long epoch, long endsAtMillis) implements Event {}

  record PriceSet(ResourceClass resources, ClassPrice price) implements Event {}

  // The chain.

  record ChainAdvanced(long block, long blockMillis) implements Event {}

  record ChainSaw(ChainEvent what) implements Event {}

  // Jobs.

  record JobSubmitted(JobId job, Address builder, JobTerms terms) implements Event {}

  /** The terms hold; {@code model} is the blob id of the initial model. */
  record JobFunded(JobId job, Digest model) implements Event {}

  /** A round's shards are open; the first round is 1. */
  record RoundOpened(JobId job, int round) implements Event {}

  record RoundClosed(JobId job, int round, Digest model, long lossBits) implements Event {}

  /** The epoch's price is above the job's limit: nothing new is leased. */
  record JobPaused(JobId job, UnitPrice price) implements Event {}

  record JobResumed(JobId job, UnitPrice price) implements Event {}

  /** The job will end: open shards close, leased and committed ones finish. */
  record JobEnding(JobId job, JobPhase phase, Ending ending) implements Event {}

  /** The last shard has settled; {@code refund} goes back to the builder. */
  record JobEnded(JobId job, JobPhase phase, Ending ending, Amount refund) implements Event {}

  /** The chain has confirmed the job's last total. */
  record JobSettled(JobId job) implements Event {}

  /** The job, settled and past its windows, left the state. */
  record JobArchived(JobId job) implements Event {}

  /** A deposit nobody used until its refund date left the state. */
  record DepositForgotten(JobId job) implements Event {}

  // Providers.

  record WorkerRegistered(Address worker, Address owner, ResourceClass resources, int memoryMiB)
      implements Event {}

  record AskPlaced(Address worker, UnitPrice reserve) implements Event {}

  /** The ask is gone; no new one is taken before {@code notBeforeMillis}. */
  record AskWithdrawn(Address worker, long notBeforeMillis) implements Event {}

  record WorkerDraining(Address worker) implements Event {}

  /** The worker's lease ends at {@code deadlineMillis} unless it says that it lives. */
  record SilenceReported(Address worker, long deadlineMillis) implements Event {}

  record SilenceVoided(Address worker) implements Event {}

  // Leases and shards.

  record LeaseGranted(
      TaskId task,
      long fence,
      Address worker,
      Address owner,
      UnitPrice price,
      Amount hold,
      long deadlineMillis)
      implements Event {}

  record LeaseStarted(TaskId task, long fence) implements Event {}

  record ResultCommitted(TaskId task, long fence, Digest result, Digest seal) implements Event {}

  /** The lease brought nothing that can be used; its hold is free again and the shard is open. */
  record LeaseFailed(TaskId task, long fence, Address worker, Failure why) implements Event {}

  record ShardVerified(TaskId task, Address owner, FeeSplit split) implements Event {}

  /** Why a lease brought nothing. */
  enum Failure {
    EXPIRED,
    DIVERGED,
    RESULT_MISSING,
    RESULT_MALFORMED,
    RESULT_NOT_FINITE
  }

  // Facts.

  record FactOpened(Fact fact, long deadlineMillis) implements Event {}

  record Attested(
      Fact fact,
      int view,
      Address validator,
      FactValue value,
      Optional<Batch.Endorsement> endorsement)
      implements Event {}

  record ViewRaised(Fact fact, int view, long deadlineMillis) implements Event {}

  record FactSettled(Fact fact, FactValue value) implements Event {}

  /** No k validators agreed in any view, or the question has become void. */
  record FactDropped(Fact fact) implements Event {}

  // Batches.

  record BatchSealed(Batch batch) implements Event {}

  record BatchSigned(long batch, Digest digest, List<Batch.Endorsement> endorsements)
      implements Event {
    public BatchSigned {
      endorsements = List.copyOf(endorsements);
    }
  }

  record BatchConfirmed(long batch) implements Event {}

  record BatchSuperseded(long batch) implements Event {}
}
