package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.market.TaskId;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.model.ShardResult;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMeter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on one lease at a time, on a thread of its own: stage, say that training starts, train,
 * upload, journal, commit. Nothing a lease brings stops the runner: a lease that cannot be
 * fulfilled ends with a reason, and the next one is taken.
 */
public final class LeaseRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRunner.class);

  /** The root of a run of which nothing can be proven. */
  private static final Digest NO_RUN = Digest.sha256(new byte[0]);

  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** Until a checkpoint is shown again that the market does not take yet. */
  private static final Duration TOO_SOON = Duration.ofMillis(500);

  /** Hears of each training step. */
  public interface Progress {
    void stepped(TaskId task, long fence, int step, int steps, double meanLoss);
  }

  /** Whom a runner works for: the worker's key, and how it signs in which network. */
  public record Author(SigningKey key, EnvelopeSigner signer, NetworkId network) {}

  private final Author author;
  private final CommandSender sender;
  private final Link link;
  private final LeaseFolder folder;
  private final Staging staging;
  private final Runtimes runtimes;
  private final WorkerMeter meter;
  private final Progress progress;
  private final Consumer<LeaseEnd> ended;
  private final Binding binding;
  private final Patience.Pause pause;
  private final ExecutorService thread;
  private @Nullable HeldLease held;

  /** The lease before it, while the answer to its commitment is under way. */
  private @Nullable HeldLease answering;

  private boolean leaving;
  private boolean closed;

  /**
   * A runner that waits for leases.
   *
   * @param folder open, and the caller's to close
   * @param ended hears of each lease's end, on the runner's thread
   * @param binding of each lease's work
   */
  public LeaseRunner(
      Author author,
      Link link,
      LeaseFolder folder,
      Runtimes runtimes,
      WorkerMeter meter,
      Progress progress,
      Consumer<LeaseEnd> ended,
      Binding binding) {
    this(author, link, folder, runtimes, meter, progress, ended, binding, Thread::sleep);
  }

  LeaseRunner(
      Author author,
      Link link,
      LeaseFolder folder,
      Runtimes runtimes,
      WorkerMeter meter,
      Progress progress,
      Consumer<LeaseEnd> ended,
      Binding binding,
      Patience.Pause pause) {
    this.author = author;
    this.sender = new CommandSender(author.signer(), link, pause);
    this.link = link;
    this.folder = folder;
    this.staging = folder.staging();
    this.runtimes = runtimes;
    this.meter = meter;
    this.progress = progress;
    this.ended = ended;
    this.binding = binding;
    this.pause = pause;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("shardex-lease").factory());
  }

  /**
   * Takes a lease, unless it is the one that is held; another one that is still held is over. If
   * its result was committed, the answer to that may arrive: the market can grant the next lease
   * before. Returns at once.
   */
  public void take(LeaseOffer offer) {
    take(new HeldLease(offer));
  }

  /**
   * Takes a lease only to give it up, because it cannot be worked on here; one whose result is
   * committed is taken. Returns at once.
   */
  public void refuse(LeaseOffer offer, String why) {
    HeldLease lease = new HeldLease(offer);
    if (!isCommitted(lease)) {
      lease.stop(LeaseEnd.Outcome.FAILED, why);
    }
    take(lease);
  }

  private synchronized void take(HeldLease lease) {
    if (closed || leaving || isHeld(lease)) {
      return;
    }
    if (answering != null) {
      answering.stop(LeaseEnd.Outcome.GONE, "another lease came");
      answering = null;
    }
    if (held != null && isCommitted(held)) {
      answering = held;
    } else if (held != null) {
      held.stop(LeaseEnd.Outcome.GONE, "another lease came");
    }
    held = lease;
    thread.execute(() -> run(lease));
  }

  private boolean isHeld(HeldLease lease) {
    LeaseOffer offer = lease.offer();
    return held != null && held.is(offer.task(), offer.fence()) && !held.isOver();
  }

  /**
   * Hears that a lease is over. Returns at once.
   *
   * @param why {@code COMMITTED}, or {@code MOVED} from a node that does not know why, lets the
   *     answer to a commitment arrive: the market takes it, or says why it came too late
   */
  public synchronized void gone(TaskId task, long fence, String why) {
    boolean answerIsDue = why.equals("COMMITTED") || why.equals("MOVED");
    if (held != null && held.is(task, fence) && !(answerIsDue && isCommitted(held))) {
      held.stop(LeaseEnd.Outcome.GONE, why);
    }
  }

  /**
   * Ends the lease that is held as one whose run broke off, and gives it up; one whose result is
   * committed stays. Returns at once.
   */
  public synchronized void fail(String why) {
    if (held != null && !isCommitted(held)) {
      held.stop(LeaseEnd.Outcome.FAILED, why);
    }
  }

  /** The lease that is worked on. */
  public synchronized Optional<TaskId> current() {
    return held == null ? Optional.empty() : Optional.of(held.offer().task());
  }

  /** Waits until no lease is held; false if that takes longer. */
  public synchronized boolean awaitIdle(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (held != null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /**
   * Takes no lease any more, and gives up the one that is held unless its result is committed;
   * before that it is saved as far as it is, if its job has checkpoints.
   *
   * @param atMost how long to wait for that
   * @return whether no lease is held any more
   */
  public boolean leave(Duration atMost) throws InterruptedException {
    synchronized (this) {
      leaving = true;
      if (held != null && !isCommitted(held)) {
        held.leave();
      }
    }
    return awaitIdle(atMost);
  }

  /** Abandons the lease that is held, and waits up to 5 s for the thread to let go of it. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      for (HeldLease lease : Stream.of(answering, held).filter(Objects::nonNull).toList()) {
        lease.stop(LeaseEnd.Outcome.ABANDONED, "the agent stops");
      }
    }
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the lease's thread does not end; it is left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isCommitted(HeldLease lease) {
    LeaseOffer offer = lease.offer();
    return folder.journal().find(offer.task(), offer.fence()).isPresent();
  }

  private void run(HeldLease lease) {
    LeaseEnd end = lease.begin() ? end(lease) : lease.end();
    lease.finish();
    boolean left = lease.isLeaving() && end.outcome() == LeaseEnd.Outcome.ABANDONED;
    if (left) {
      giveUp(lease, Event.Failure.LEAVING, this::isClosed);
    } else if (lease.isOver() && end.outcome() == LeaseEnd.Outcome.FAILED) {
      giveUp(lease, Event.Failure.RUN_FAILED, this::isClosed);
    }
    if (left || end.outcome() != LeaseEnd.Outcome.ABANDONED) {
      forgetCheckpoint(end);
    }
    LOG.info(
        "lease of {} with fence {} ended: {} ({})",
        end.task(),
        end.fence(),
        end.outcome().label(),
        end.detail());
    meter.leaseEnded(end.outcome().label());
    synchronized (this) {
      if (held == lease) {
        held = null;
      }
      if (answering == lease) {
        answering = null;
      }
      notifyAll();
    }
    ended.accept(end);
  }

  /** Only an agent that stops comes back to the same lease. */
  private void forgetCheckpoint(LeaseEnd end) {
    try {
      folder.checkpoint().clear();
    } catch (IOException e) {
      LOG.warn("the checkpoint of {} stays on disk: {}", end.task(), e.toString());
    }
  }

  /** Tells the market that nothing will come of a lease, so that another may have its shard now. */
  private void giveUp(HeldLease lease, Event.Failure why, BooleanSupplier over) {
    LeaseOffer offer = lease.offer();
    try {
      if (sender.send(new Command.GiveUpLease(offer.task(), offer.fence(), why), over)
          instanceof Outcome.Rejected rejected) {
        LOG.info("the lease of {} is not given up: {}", offer.task(), rejected.rejection());
      }
    } catch (LeaseFailure | RuntimeException e) {
      LOG.warn("the lease of {} must expire: {}", offer.task(), e.getMessage());
    } catch (InterruptedException e) {
      LOG.debug("the lease of {} is over before it is given up", offer.task());
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /**
   * A lease is a stranger's, so whatever it makes go wrong is its own failure, a full heap
   * included.
   */
  private LeaseEnd end(HeldLease lease) {
    try {
      binding.bindThisThread();
    } catch (IOException e) {
      return failed(lease, Event.Failure.RUN_FAILED, String.valueOf(e.getMessage()));
    }
    try {
      return work(lease);
    } catch (LeaseFailure | IOException e) {
      return failed(lease, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      return failed(lease, "the lease's thread was interrupted");
    } catch (OutOfMemoryError e) {
      return failed(lease, Event.Failure.OUT_OF_ROOM, e.toString());
    } catch (RuntimeException | Error e) {
      if (!lease.isOver()) {
        LOG.error("the lease of {} broke the agent's expectations", lease.offer().task(), e);
      }
      return failed(lease, e.toString());
    }
  }

  private LeaseEnd work(HeldLease lease) throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    Patience patience = new Patience(lease::isOver, pause);
    Optional<Commitment> earlier = folder.journal().find(offer.task(), offer.fence());
    if (earlier.isPresent()) {
      LOG.info("sending the commitment to {} again", offer.task());
      return commit(lease, earlier.get());
    }
    return switch (offer.terms().execution().runtime()) {
      case REFERENCE -> training(lease, patience);
      case SANDBOX -> command(lease, patience);
      case TORCH -> module(lease, patience);
    };
  }

  private LeaseEnd training(HeldLease lease, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    StagedShard shard = staging.stage(offer, patience);
    Beginning<ShardCheckpoint> beginning = beginning(offer, shard);
    Optional<LeaseEnd> refused = start(lease);
    if (refused.isPresent()) {
      return refused.get();
    }
    return switch (train(lease, shard, beginning, patience)) {
      case ShardOutcome.Trained trained -> {
        Digest blob =
            offer.task().isAudit()
                ? Manifest.of(trained.result().encode()).id()
                : upload(checked(shard, trained.result()), patience);
        yield commit(
            lease,
            commitment(offer, OptionalInt.empty(), blob, root(trained.root()), beginning.inputs()));
      }
      case ShardOutcome.Diverged diverged ->
          commit(
              lease,
              commitment(
                  offer,
                  OptionalInt.of(diverged.step()),
                  Divergence.shown(diverged.step()),
                  root(diverged.root()),
                  beginning.inputs()));
      case ShardOutcome.Cancelled cancelled -> {
        // One that is left is stopped only now that it is saved.
        lease.stop(LeaseEnd.Outcome.ABANDONED, HeldLease.LEAVES);
        yield lease.end();
      }
    };
  }

  private LeaseEnd module(HeldLease lease, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    TorchRuntime torch =
        runtimes
            .torch()
            .orElseThrow(() -> new LeaseFailure("this agent trains no TorchScript modules"));
    LeaseOffer offer = lease.offer();
    try (TorchRuntime.Staged staged = staging.module(offer, torch, patience)) {
      Optional<LeaseEnd> refused = start(lease);
      if (refused.isPresent()) {
        return refused.get();
      }
      Optional<ShardResult> result = train(lease, staged, torch);
      if (result.isEmpty()) {
        return lease.end();
      }
      Digest blob = upload(result.get().encode(), patience);
      return commit(
          lease,
          commitment(offer, OptionalInt.empty(), blob, NO_RUN, Beginning.atStart(offer).inputs()));
    }
  }

  private LeaseEnd command(HeldLease lease, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    SandboxRuntime sandbox =
        runtimes.commands().orElseThrow(() -> new LeaseFailure("this agent does not run commands"));
    LeaseOffer offer = lease.offer();
    try (SandboxRuntime.Staged staged = staging.command(offer, sandbox, patience)) {
      Optional<LeaseEnd> refused = start(lease);
      if (refused.isPresent()) {
        return refused.get();
      }
      Path output = sandbox.run(staged, lease::isOver);
      if (lease.isOver()) {
        return lease.end();
      }
      Digest blob = upload(output, patience);
      return commit(
          lease,
          commitment(offer, OptionalInt.empty(), blob, NO_RUN, Beginning.atStart(offer).inputs()));
    }
  }

  /** Tells the market that the lease's work begins; how it ended if the market refuses that. */
  private Optional<LeaseEnd> start(HeldLease lease) throws LeaseFailure, InterruptedException {
    LeaseOffer offer = lease.offer();
    if (!offer.started()) {
      Outcome started =
          sender.send(new Command.StartLease(offer.task(), offer.fence()), lease::isOver);
      if (started instanceof Outcome.Rejected rejected) {
        return Optional.of(gone(lease, rejected.rejection()));
      }
    }
    lease.begun();
    return Optional.empty();
  }

  /** Whoever audits begins at the start: nobody's word is taken for what is to be checked. */
  private Beginning<ShardCheckpoint> beginning(LeaseOffer offer, StagedShard shard)
      throws InterruptedException {
    return offer.task().isAudit()
        ? Beginning.atStart(offer)
        : Beginning.of(offer, folder.checkpoint(), link, pause, new ShardCheckpoints(shard.task()));
  }

  private ShardOutcome train(
      HeldLease lease, StagedShard shard, Beginning<ShardCheckpoint> beginning, Patience patience) {
    boolean audit = lease.offer().task().isAudit();
    long cpuBefore = cpuNanos();
    Steps steps = new Steps(lease.offer(), beginning.step());
    try (SavedSteps saved = new SavedSteps(lease, steps, saver(lease, beginning, patience))) {
      return runtimes
          .trainer()
          .train(shard.task(), shard.samples(), beginning.from(), saved, saved::isOver);
    } finally {
      if (audit) {
        meter.audited((cpuNanos() - cpuBefore) / 1e9);
      } else {
        steps.meter(shard);
      }
    }
  }

  /** Where the lease's checkpoints go, if its job wants any. */
  private Optional<CheckpointSaver> saver(
      HeldLease lease, Beginning<?> beginning, Patience patience) {
    LeaseOffer offer = lease.offer();
    if (offer.task().isAudit()) {
      return Optional.empty();
    }
    return offer
        .terms()
        .execution()
        .checkpoint()
        .map(
            every ->
                new CheckpointSaver(
                    every,
                    beginning.step(),
                    (step, bytes) -> save(lease, beginning.inputs(), step, bytes, patience)));
  }

  /** On this agent's disk, into the grid, and then in the market, as soon as it takes another. */
  private void save(HeldLease lease, Digest inputs, int step, byte[] bytes, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    folder
        .checkpoint()
        .save(new CheckpointFile.Saved(offer.task(), offer.fence(), inputs, step, bytes));
    Digest blob = upload(bytes, patience);
    Command command = new Command.SaveCheckpoint(offer.task(), offer.fence(), step, blob, inputs);
    Outcome outcome = sender.send(command, lease::isOver);
    while (isTooSoon(outcome)) {
      pause.of(TOO_SOON);
      outcome = sender.send(command, lease::isOver);
    }
    if (outcome instanceof Outcome.Rejected rejected) {
      throw new LeaseFailure(rejected.rejection().toString());
    }
    LOG.info("{} is saved after step {}, {} bytes", offer.task(), step, bytes.length);
    meter.checkpointSaved();
  }

  private static boolean isTooSoon(Outcome outcome) {
    return outcome instanceof Outcome.Rejected rejected
        && rejected.rejection().reason() == Rejection.Reason.CHECKPOINT_TOO_SOON;
  }

  private Optional<ShardResult> train(
      HeldLease lease, TorchRuntime.Staged staged, TorchRuntime torch)
      throws LeaseFailure, InterruptedException {
    Steps steps = new Steps(lease.offer(), 0);
    try {
      return torch.train(staged, steps, lease::isOver);
    } finally {
      steps.meter(staged.shard());
    }
  }

  /** Tells of each step, and counts what was done from its making on. */
  private final class Steps implements ShardProgress {
    private final LeaseOffer offer;
    private final long start = System.nanoTime();
    private final int from;
    private int taken;

    /**
     * @param from steps that were done before
     */
    Steps(LeaseOffer offer, int from) {
      this.offer = offer;
      this.from = from;
      this.taken = from;
    }

    @Override
    public void stepped(int step, int steps, double meanLoss) {
      taken = step;
      progress.stepped(offer.task(), offer.fence(), step, steps, meanLoss);
    }

    void meter(StagedShard shard) {
      meter.trained(shard.visited(taken) - shard.visited(from), (System.nanoTime() - start) / 1e9);
    }
  }

  /** Of this thread; a trainer's helpers are not counted. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** What every validator will check. */
  private static byte[] checked(StagedShard shard, ShardResult result) throws LeaseFailure {
    byte[] blob = result.encode();
    try {
      ShardResult.decode(blob, shard.task().spec(), result.round(), result.shard());
      return blob;
    } catch (MalformedBlob e) {
      throw new LeaseFailure("the result cannot be used: " + e.getMessage(), e);
    }
  }

  private Digest upload(byte[] blob, Patience patience) throws LeaseFailure, InterruptedException {
    return stored(Manifest.of(blob).id(), patience.call(() -> link.upload(blob)));
  }

  private Digest upload(Path file, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    try (InputStream content = Files.newInputStream(file)) {
      return stored(Manifest.of(content).id(), patience.call(() -> link.upload(file)));
    }
  }

  private static Digest stored(Digest expected, Digest stored) throws LeaseFailure {
    if (!stored.equals(expected)) {
      throw new LeaseFailure(
          "expected the grid to store %s, but it stored %s".formatted(expected, stored));
    }
    return stored;
  }

  private static Digest root(io.shardex.training.commitment.Digest ofRun) {
    return Digest.of(ofRun.bytes());
  }

  private Commitment commitment(
      LeaseOffer offer, OptionalInt divergedAt, Digest shown, Digest root, Digest inputs) {
    Digest seal = Seal.of(author.key(), author.network(), offer.task(), offer.fence(), root, shown);
    return new Commitment(offer.task(), offer.fence(), divergedAt, shown, root, seal, inputs);
  }

  private LeaseEnd commit(HeldLease lease, Commitment commitment)
      throws LeaseFailure, IOException, InterruptedException {
    if (!enter(lease, commitment)) {
      return lease.end();
    }
    return switch (sender.send(commitment.command(), lease::isOver)) {
      case Outcome.Accepted accepted ->
          new LeaseEnd(
              commitment.task(),
              commitment.fence(),
              commitment.divergedAt().isPresent()
                  ? LeaseEnd.Outcome.DIVERGED
                  : LeaseEnd.Outcome.COMMITTED,
              commitment.shown().toString());
      case Outcome.Rejected rejected -> gone(lease, rejected.rejection());
    };
  }

  /** From here on the lease cannot fail; false if it has failed before. */
  private synchronized boolean enter(HeldLease lease, Commitment commitment) throws IOException {
    if (lease.hasFailed()) {
      return false;
    }
    folder.journal().commit(commitment);
    return true;
  }

  private static LeaseEnd gone(HeldLease lease, Rejection rejection) {
    return new LeaseEnd(
        lease.offer().task(), lease.offer().fence(), LeaseEnd.Outcome.GONE, rejection.toString());
  }

  /** What goes wrong before training begins is what the job brings. */
  private LeaseEnd failed(HeldLease lease, String reason) {
    return failed(
        lease, lease.hasBegun() ? Event.Failure.RUN_FAILED : Event.Failure.INPUTS_UNUSABLE, reason);
  }

  private LeaseEnd failed(HeldLease lease, Event.Failure why, String reason) {
    if (lease.isOver()) {
      return lease.end();
    }
    giveUp(lease, why, lease::isOver);
    return new LeaseEnd(
        lease.offer().task(), lease.offer().fence(), LeaseEnd.Outcome.FAILED, reason);
  }
}
