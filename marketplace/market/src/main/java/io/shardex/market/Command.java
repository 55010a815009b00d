package io.shardex.market;

import io.shardex.pricing.UnitPrice;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What may be asked of the market. Every kind but {@link Genesis} is signed by its author. */
public sealed interface Command {
  /**
   * The first entry of every log: a pure function of the network file. An equal second one is a
   * no-op.
   */
  record Genesis(Network network) implements Command {}

  // Builders.

  /** Starts the job whose deposit carries this nonce, spec and refund time. Author: the builder. */
  record SubmitJob(JobId job, JobTerms terms) implements Command {}

  /**
   * Ends a job: open shards close at once, leased and committed ones finish. Author: the builder.
   */
  record CancelJob(JobId job) implements Command {}

  // Providers. The author of each is the worker's hot key.

  /** Puts a worker under its owner, whose signature over (owner, worker) is the endorsement. */
  record RegisterWorker(Address owner, ResourceClass resources, int memoryMiB) implements Command {}

  /**
   * Offers the worker's slot at a net price of at least {@code reserve}. Replaces an earlier ask.
   *
   * @param runtimes what the worker has and will run; at least one
   */
  record PlaceAsk(UnitPrice reserve, Set<RuntimeKind> runtimes) implements Command {
    public PlaceAsk {
      runtimes = Collections.unmodifiableSet(new TreeSet<>(runtimes));
    }

    /** An ask for training in the market's own arithmetic only. */
    public PlaceAsk(UnitPrice reserve) {
      this(reserve, Set.of(RuntimeKind.REFERENCE));
    }
  }

  /** Takes the ask back; a lease that runs goes on. */
  record WithdrawAsk() implements Command {}

  /** Says that the worker will finish its lease and leave. */
  record Drain() implements Command {}

  /** Voids a report of silence. */
  record Alive() implements Command {}

  /** Says that the lease's data is staged and training has begun. */
  record StartLease(TaskId task, long fence) implements Command {}

  /**
   * Saves how far a shard is, so that another lease goes on from there. Its bytes are in the grid.
   *
   * @param step steps that are done, less than the shard has; where pay goes by time, seconds that
   *     the shard has been worked on, those that earlier leases were paid for included
   * @param inputs what it was trained from, see {@link Inputs}
   */
  record SaveCheckpoint(TaskId task, long fence, int step, Digest blob, Digest inputs)
      implements Command {}

  /** Ends the signer's own lease at once. */
  record GiveUpLease(TaskId task, long fence, Event.Failure why) implements Command {}

  /**
   * Commits to a shard's result, whose bytes are already in the grid.
   *
   * @param result blob id of the encoded result
   * @param seal hash binding the result, the training's commitment root, the lease and the signer
   * @param inputs what it was trained from, see {@link Inputs}
   */
  record CommitResult(TaskId task, long fence, Digest result, Digest seal, Digest inputs)
      implements Command {}

  /**
   * Commits to the claim that training left the finite numbers at {@code step}. It is a result like
   * any other, shown as {@link Divergence#shown}, and always audited.
   */
  record CommitDiverged(TaskId task, long fence, int step, Digest seal, Digest inputs)
      implements Command {}

  /**
   * Commits to what an audit found, before either side shows it.
   *
   * @param seal over the audit's own root, result and lease, as a result's seal is
   */
  record CommitAudit(TaskId task, long fence, Digest seal, Digest inputs) implements Command {}

  /**
   * Opens a seal: that of a result under audit once its auditor has sealed too, or the auditor's.
   *
   * @param root of the training run
   * @param shown the result's blob id, or what a diverged run shows
   * @param salt that the seal was made with
   */
  record Reveal(TaskId task, long fence, Digest root, Digest shown, Digest salt)
      implements Command {}

  /**
   * Answers a hardware challenge.
   *
   * @param challenge its seed
   * @param root over all that was computed
   */
  record AnswerChallenge(Digest challenge, Digest root) implements Command {}

  /**
   * Opens an answer where chance looks at it.
   *
   * @param challenge its seed
   * @param opening blob id of the opened leaves, which may be put into the grid from then on
   */
  record OpenChallenge(Digest challenge, Digest opening) implements Command {}

  // Validators.

  /** Votes for the value of a fact the validator has looked up or computed for itself. */
  record Attest(Fact fact, int view, FactValue value) implements Command {}

  /**
   * A validator's tick.
   *
   * @param slot the open slot
   * @param clockMillis the validator's clock, milliseconds since 1970
   * @param finalBlock newest chain block it holds for final
   * @param index log index of {@code hash}
   * @param hash its running hash after that index
   * @param preimage the slot's place in the validator's hash chain; none while it has no chain
   */
  record Beat(
      long slot,
      long clockMillis,
      long finalBlock,
      long index,
      Digest hash,
      Optional<Digest> preimage)
      implements Command {}

  /**
   * Announces the hash chain that the validator will reveal place by place. It acts two epochs
   * later, when nobody can know yet what the others will reveal.
   *
   * @param number one more than the chain before it, 0 for the first
   * @param tip the chain's end; the hash of the first preimage it will reveal
   */
  record NewChain(int number, Digest tip) implements Command {}

  /** Says that workers lost their stream and did not come back. */
  record ReportSilent(List<Address> workers) implements Command {
    public ReportSilent {
      workers = List.copyOf(workers);
    }
  }
}
