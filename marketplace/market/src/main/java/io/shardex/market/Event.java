package io.shardex.market;

import io.shardex.market.state.JobPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What happened in the market. Applying an event is the only way its state changes. */
public sealed interface Event {
  /** What happens to committed results until they are paid for good, and to who lied. */
  sealed interface OfAudit extends Event {}

  /** How workers prove their hardware. */
  sealed interface OfProof extends Event {}

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

  // The beacon.

  /** The validator's hash chain up to {@code slot}; earlier places follow from it. */
  record PreimageRevealed(Address validator, long slot, Digest preimage) implements Event {}

  /** A chain that acts from the epoch {@code epoch} on. */
  record ChainAnnounced(Address validator, int number, Digest tip, long epoch) implements Event {}

  /** The announced chain acts: its first place belongs to the open slot, {@code slot}. */
  record ChainBegun(Address validator, int number, Digest tip, long slot) implements Event {}

  record BeaconJoined(Address validator) implements Event {}

  /** The validator's place of a slot did not come; it stands aside until the next epoch. */
  record BeaconLeft(Address validator, long slot) implements Event {}

  /** Something waits for the beacon of {@code slot}, to which these members' places belong. */
  record DrawAwaited(long slot, List<Address> members) implements Event {
    public DrawAwaited {
      members = List.copyOf(members);
    }
  }

  /**
   * The slot's beacon is known.
   *
   * @param whole whether all its members were there; if not, all that waited is audited
   */
  record BeaconTurned(long slot, Digest beacon, boolean whole) implements Event {}

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

  /** When this slot's beacon is known, one more result of each owner of the job is drawn. */
  record LastDrawAwaited(JobId job, long slot) implements Event {}

  /** The last draw of the job is made; the audits it called for may still go on. */
  record LastDrawMade(JobId job) implements Event {}

  /** A lie was found in a closed round: what was trained from its model rests on it. */
  record RoundTainted(JobId job, int round, Address liar) implements Event {}

  /**
   * Rounds from {@code round} on are trained again.
   *
   * @param discarded gross pay of the verified shards that are discarded
   */
  record JobRolledBack(JobId job, int round, Amount discarded) implements Event {}

  // Providers.

  record WorkerRegistered(Address worker, Address owner, ResourceClass resources, int memoryMiB)
      implements Event {}

  record AskPlaced(Address worker, UnitPrice reserve, Set<RuntimeKind> runtimes) implements Event {
    public AskPlaced {
      runtimes = Collections.unmodifiableSet(new TreeSet<>(runtimes));
    }
  }

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

  /**
   * The shard's state after {@code step} steps is in the grid.
   *
   * @param resumed whether it rests on the checkpoint that the lease was offered
   */
  record CheckpointSaved(
      TaskId task, long fence, Address worker, int step, Digest blob, boolean resumed)
      implements Event {}

  /** What the seconds before a checkpoint are worth is paid with it, where pay goes by time. */
  record InstalmentPaid(TaskId task, long fence, Address owner, FeeSplit split) implements Event {}

  /**
   * A worker has a result.
   *
   * @param resumed whether it rests on the checkpoint that the lease was offered
   */
  record ResultCommitted(TaskId task, long fence, Digest result, Digest seal, boolean resumed)
      implements Event {}

  /**
   * A worker claims that training left the finite numbers at {@code step}.
   *
   * @param resumed whether it rests on the checkpoint that the lease was offered
   */
  record DivergenceCommitted(TaskId task, long fence, int step, Digest seal, boolean resumed)
      implements Event {}

  /** The lease brought nothing that can be used; its hold is free again and the shard is open. */
  record LeaseFailed(TaskId task, long fence, Address worker, Failure why) implements Event {}

  record ShardVerified(TaskId task, Address owner, FeeSplit split) implements Event {}

  /** The round's model holds the validators' own result for this shard; nobody is paid for it. */
  record ShardReplaced(TaskId task) implements Event {}

  /** Why a lease brought nothing. */
  enum Failure {
    EXPIRED,
    RESULT_MISSING,
    RESULT_MALFORMED,
    RESULT_NOT_FINITE,
    /** Its worker stops working. */
    LEAVING,
    /** Its worker says that what the job brings cannot be used. */
    INPUTS_UNUSABLE,
    /** Its worker says that memory or disk do not suffice. */
    OUT_OF_ROOM,
    /** Its worker says that the run broke off. */
    RUN_FAILED;

    /** Whether it is the worker that says so, and not the market that finds it. */
    public boolean isGivenUp() {
      return switch (this) {
        case LEAVING, INPUTS_UNUSABLE, OUT_OF_ROOM, RUN_FAILED -> true;
        case EXPIRED, RESULT_MISSING, RESULT_MALFORMED, RESULT_NOT_FINITE -> false;
      };
    }
  }

  // Audits. An audit's id also names the result that it is about.

  /** The beacon left the result alone. */
  record AuditSpared(TaskId audit, PartsPerMillion rate) implements OfAudit {}

  /** The slot's beacon has passed, and the job is sold as not proven: the result stands. */
  record ProofWaived(TaskId audit) implements OfAudit {}

  /** The beacon was broken: the result is audited, by whom the beacon of {@code slot} says. */
  record AuditDeferred(TaskId audit, DrawCause cause, long slot) implements OfAudit {}

  /**
   * The result is audited.
   *
   * @param rate the probability it had
   * @param auditor the worker that was drawn; nobody if the validators must execute it
   * @param price gross price of the audit
   * @param hold taken for it from the job's free money; zero if the lease's own hold covers it
   */
  record AuditDrawn(
      TaskId audit,
      DrawCause cause,
      PartsPerMillion rate,
      Optional<Address> auditor,
      UnitPrice price,
      Amount hold)
      implements OfAudit {}

  /** The auditor has sealed what it found: both sides must open their seals. */
  record AuditSealed(TaskId audit, long fence, Digest seal, long revealByMillis)
      implements OfAudit {}

  /** A seal was opened: the result's, or its auditor's when {@code task} is an audit. */
  record Revealed(TaskId task, long fence, Digest root, Digest shown) implements OfAudit {}

  /** The drawn auditor did not seal or did not reveal: it loses its pay and its history. */
  record AuditMissed(TaskId audit, Address auditor, Address owner) implements OfAudit {}

  /** The drawn auditor left before its turn came; another is drawn. */
  record AuditReturned(TaskId audit, Address auditor) implements OfAudit {}

  /** The result has become void, and its audit with it. */
  record AuditVoided(TaskId audit) implements OfAudit {}

  /** Another execution gave the same root and the same result. */
  record ResultProved(TaskId audit) implements OfAudit {}

  record AuditPaid(TaskId audit, Address owner, FeeSplit split) implements OfAudit {}

  // Disputes.

  /** The validators execute the shard. */
  record DisputeOpened(TaskId audit, DisputeCause cause) implements OfAudit {}

  /**
   * What is true, and who said otherwise.
   *
   * @param misled whether the result is false because it rests on another's false checkpoint
   */
  record DisputeSettled(
      TaskId audit,
      FactValue.Executed truth,
      boolean workerLied,
      boolean auditorLied,
      boolean misled)
      implements OfAudit {}

  /** The committed result is false: the validators' takes its place. */
  record ResultRefuted(TaskId audit, Digest shown, Optional<Integer> divergedAt)
      implements OfAudit {}

  /** The pay for a false result of a closed round goes back. */
  record PayReversed(TaskId audit, Address owner, FeeSplit split) implements OfAudit {}

  /** A worker of this owner is proven to have lied; the owner's probation starts anew. */
  record LieProved(TaskId audit, Address worker, Address owner) implements OfAudit {}

  /** Every unvested result of the owner is drawn for audit with the beacon of {@code slot}. */
  record OwnerSuspected(Address owner, long slot) implements OfAudit {}

  record StakeSlashed(Address owner, Amount amount) implements OfAudit {}

  /** Part of what an owner lost goes to somebody who bore the cost of its lie. */
  record Compensated(Address owner, Address beneficiary, Amount amount) implements OfAudit {}

  /** An execution that no slash pays for: out of the job's fees. */
  record ExecutionPaid(JobId job, Address validator, Amount amount) implements OfAudit {}

  /** Why a result is audited. */
  enum DrawCause {
    /** By chance. */
    SAMPLE,
    /** Its owner has no history yet. */
    PROBATION,
    /** Its owner has as much unaudited pay as its stake makes unprofitable to lie for. */
    VALUE_AT_RISK,
    /** A member of the beacon was missing. */
    BEACON_BROKEN,
    /** It claims that training diverged. */
    DIVERGED,
    /** Its owner was proven to have lied. */
    PROVEN_LIAR,
    /** The last draw of its job. */
    LAST,
    /** The auditor drawn before was silent or left. */
    AUDITOR_MISSING,
    /** It rests on a checkpoint of another owner. */
    RESUMED
  }

  /** Why the validators execute a shard. */
  enum DisputeCause {
    /** Worker and auditor revealed different things. */
    UNEQUAL,
    /** The worker did not open its seal. */
    WORKER_SILENT,
    /** There is no auditor: none may be drawn, or too many were silent. */
    NO_AUDITOR
  }

  // Proofs of hardware.

  /**
   * With the beacon of {@code slot} workers are drawn that must prove their hardware.
   *
   * @param rate the probability of each owner; those that nothing is leased to are drawn anyway
   */
  record ChallengesAwaited(long slot, PartsPerMillion rate) implements OfProof {}

  /** The worker must answer by {@code deadlineMillis}. */
  record ChallengeDrawn(Address worker, Challenge challenge, long deadlineMillis)
      implements OfProof {}

  /** What is opened of the answer follows from the beacon of {@code slot}. */
  record ChallengeAnswered(Address worker, Digest root, long slot) implements OfProof {}

  /** The beacon was broken: what is opened follows from that of {@code slot}. */
  record OpeningDeferred(Address worker, long slot) implements OfProof {}

  /** The worker must open by {@code deadlineMillis} what {@code draw} says. */
  record OpeningDrawn(Address worker, Digest draw, long deadlineMillis) implements OfProof {}

  /** The opened leaves are on their way to the grid; the validators check them. */
  record ChallengeOpened(Address worker, Digest opening) implements OfProof {}

  /** The worker answered rightly, {@code millis} after it was challenged. */
  record HardwareProven(Address worker, long millis) implements OfProof {}

  /** The worker has not proven its hardware: it is leased nothing until it does. */
  record HardwareRefuted(Address worker, Unproven why) implements OfProof {}

  /** Nobody can judge the answer; all is as it was before the challenge. */
  record ChallengeDropped(Address worker) implements OfProof {}

  /** Why a challenge proved nothing. */
  enum Unproven {
    /** No answer came in time. */
    LATE,
    /** The answer was not opened in time. */
    NOT_OPENED,
    /** What was opened is not in the grid. */
    MISSING,
    /** What was opened is not what the challenge asked for. */
    FALSE
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
