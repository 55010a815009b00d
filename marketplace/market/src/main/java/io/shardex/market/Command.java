package io.shardex.market;

import io.shardex.pricing.UnitPrice;
import java.util.List;

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
   */
  record PlaceAsk(UnitPrice reserve) implements Command {}

  /** Takes the ask back; a lease that runs goes on. */
  record WithdrawAsk() implements Command {}

  /** Says that the worker will finish its lease and leave. */
  record Drain() implements Command {}

  /** Voids a report of silence. */
  record Alive() implements Command {}

  /** Says that the lease's data is staged and training has begun. */
  record StartLease(TaskId task, long fence) implements Command {}

  /**
   * Commits to a shard's result, whose bytes are already in the grid.
   *
   * @param result blob id of the encoded result
   * @param seal hash binding the result, the training's commitment root, the lease and the signer
   */
  record CommitResult(TaskId task, long fence, Digest result, Digest seal) implements Command {}

  /** Commits to the claim that training left the finite numbers at {@code step}. */
  record CommitDiverged(TaskId task, long fence, int step, Digest seal) implements Command {}

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
   */
  record Beat(long slot, long clockMillis, long finalBlock, long index, Digest hash)
      implements Command {}

  /** Says that workers lost their stream and did not come back. */
  record ReportSilent(List<Address> workers) implements Command {
    public ReportSilent {
      workers = List.copyOf(workers);
    }
  }
}
