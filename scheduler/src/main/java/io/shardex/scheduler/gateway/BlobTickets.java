package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.scheduler.gateway.Ticket.Slot;
import io.shardex.scheduler.gateway.Ticket.Upload;
import io.shardex.scheduler.grid.Uploader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may put and get which blobs: a pure function of the market's state and the key.
 *
 * <ul>
 *   <li>A validator: everything.
 *   <li>A builder with a confirmed deposit puts blobs within its quota, and gets its own jobs'
 *       specifications, data, models and committed results.
 *   <li>A worker with the lease of an audit gets the same and the model that the audited shard
 *       started from, never a result, and puts nothing.
 *   <li>A worker with a live lease gets the job's specification, data and models and the checkpoint
 *       that it may go on from, and puts one result; in a job with checkpoints a few blobs more,
 *       and as many again once it has saved one. Once a result is committed and until the round
 *       closes, it may put the same again.
 *   <li>A worker that opens its answer to a challenge puts what it said it would.
 * </ul>
 *
 * <p>A job opens something only once it is funded. What its description lists goes with it; what a
 * command came to is such a list, of its outputs.
 */
final class BlobTickets {
  /** Parameters, two optimiser slots and a few leaves. */
  private static final int RESULTS_IN_A_CHECKPOINT = 4;

  /** A result and a checkpoint, each put anew by an agent that was killed in between. */
  private static final int BLOBS_FOR_A_CHECKPOINT = 4;

  private final long builderBlobBytes;
  private final long workerBlobBytes;

  /**
   * @param builderBlobBytes the largest blob a builder may put
   * @param workerBlobBytes the largest result
   */
  BlobTickets(long builderBlobBytes, long workerBlobBytes) {
    this.builderBlobBytes = builderBlobBytes;
    this.workerBlobBytes = workerBlobBytes;
  }

  Ticket of(MarketState state, Address key) {
    if (state.ticks().containsKey(key)) {
      return new Ticket(
          true,
          Set.of(),
          Set.of(),
          Optional.of(new Upload(Uploader.VALIDATOR.named(key), Long.MAX_VALUE, List.of())));
    }
    Set<Digest> readable = new HashSet<>();
    Set<Digest> described = new HashSet<>();
    Optional<Upload> upload = asWorker(state, key, readable, described);
    return new Ticket(
        false, readable, described, asBuilder(state, key, readable, described).or(() -> upload));
  }

  private Optional<Upload> asBuilder(
      MarketState state, Address key, Set<Digest> readable, Set<Digest> described) {
    boolean deposited = false;
    for (Deposit deposit : state.deposits().values()) {
      if (deposit.builder().equals(key)) {
        deposited = true;
      }
    }
    for (Job job : state.jobs().values()) {
      if (job.deposit().builder().equals(key)) {
        readJob(job, readable, described);
        state
            .tasksOf(job.id())
            .values()
            .forEach(task -> task.commitment().ifPresent(made -> readable.add(made.result())));
      }
    }
    return deposited
        ? Optional.of(new Upload(Uploader.BUILDER.named(key), builderBlobBytes, List.of()))
        : Optional.empty();
  }

  private Optional<Upload> asWorker(
      MarketState state, Address key, Set<Digest> readable, Set<Digest> described) {
    List<Slot> slots = new ArrayList<>();
    long maxBytes = workerBlobBytes;
    Optional<Worker> worker = state.worker(key);
    Optional<Task> leased = worker.flatMap(Worker::lease).flatMap(state::task);
    if (leased.isPresent()) {
      TaskId task = leased.get().id();
      state.job(task.job()).ifPresent(job -> readJob(job, readable, described));
      if (task.isAudit()) {
        state.result(task).ifPresent(result -> readable.add(result.claim().base()));
      } else {
        boolean saves =
            state.job(task.job()).flatMap(job -> job.terms().execution().checkpoint()).isPresent();
        slots.add(slot(leased.get(), saves));
        maxBytes = saves ? RESULTS_IN_A_CHECKPOINT * workerBlobBytes : workerBlobBytes;
      }
      leased.get().offered().ifPresent(from -> readable.add(from.blob()));
    } else if (worker.isPresent()) {
      committedBy(state, key).ifPresent(slots::add);
    }
    state
        .challenge(key)
        .flatMap(LiveChallenge::opening)
        .ifPresent(opening -> slots.add(new Slot("opening", 1, Optional.of(opening))));
    return slots.isEmpty()
        ? Optional.empty()
        : Optional.of(new Upload(Uploader.WORKER.named(key), maxBytes, slots));
  }

  /** Room for a lease's result, and in a job with checkpoints for those. */
  private static Slot slot(Task task, boolean saves) {
    String lease = task.id() + "/" + task.fence();
    if (!saves) {
      return new Slot(lease, 1, Optional.empty());
    }
    int saved = task.ownCheckpoint().map(Checkpoint::step).orElse(0);
    return new Slot(lease + "/" + saved, BLOBS_FOR_A_CHECKPOINT, Optional.empty());
  }

  /** The result that a worker without a lease still has to keep, its latest by task. */
  private static Optional<Slot> committedBy(MarketState state, Address key) {
    return state.tasks().descendingMap().values().stream()
        .filter(task -> task.phase() == TaskPhase.COMMITTED && !task.id().isAudit())
        .filter(task -> task.lease().filter(lease -> lease.worker().equals(key)).isPresent())
        .findFirst()
        .flatMap(Task::commitment)
        .map(made -> new Slot("commitment", 1, Optional.of(made.result())));
  }

  private static void readJob(Job job, Set<Digest> readable, Set<Digest> described) {
    if (job.models().isEmpty()) {
      // Before the validators have looked at what it names, a job could name anything.
      return;
    }
    readable.add(job.deposit().spec());
    readable.add(job.terms().data());
    readable.addAll(job.models());
    described.add(job.terms().data());
    if (job.terms().execution().runtime().runsCommands()) {
      described.addAll(job.models());
    }
  }
}
