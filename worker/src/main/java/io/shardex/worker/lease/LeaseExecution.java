package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Event;
import io.shardex.market.Outcome;
import io.shardex.market.RuntimeKind;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardTask;
import io.shardex.training.ShardTrainer;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.model.ShardResult;
import io.shardex.worker.metrics.WorkerMeter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes one lease on the calling thread: stages what it needs, says that its work begins, trains
 * or runs, and has the result delivered.
 */
final class LeaseExecution {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseExecution.class);

  /** The root of a run of which nothing can be proven. */
  private static final Digest NO_RUN = Digest.sha256(new byte[0]);

  private final Staging staging;
  private final Runtimes runtimes;
  private final LeaseCheckpoints checkpoints;
  private final LeaseDelivery delivery;
  private final CommandSender sender;
  private final Binding binding;
  private final WorkerMeter meter;
  private final LeaseRunner.Progress progress;
  private final Patience.Pause pause;

  LeaseExecution(
      Staging staging,
      Runtimes runtimes,
      LeaseCheckpoints checkpoints,
      LeaseDelivery delivery,
      CommandSender sender,
      Binding binding,
      WorkerMeter meter,
      LeaseRunner.Progress progress,
      Patience.Pause pause) {
    this.staging = staging;
    this.runtimes = runtimes;
    this.checkpoints = checkpoints;
    this.delivery = delivery;
    this.sender = sender;
    this.binding = binding;
    this.meter = meter;
    this.progress = progress;
    this.pause = pause;
  }

  /**
   * Works on a lease to its end; what is in the journal already is only delivered. A lease is a
   * stranger's, so whatever it makes go wrong is its own failure, a full heap included.
   */
  LeaseEnd end(HeldLease lease) {
    try {
      return lease.isCommitted() ? delivery.again(lease) : work(lease);
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
    try {
      binding.bindThisThread();
    } catch (IOException e) {
      return failed(lease, Event.Failure.RUN_FAILED, String.valueOf(e.getMessage()));
    }
    Patience patience = new Patience(lease::isOver, pause);
    RuntimeKind kind = lease.offer().terms().execution().runtime();
    if (kind != RuntimeKind.TORCH) {
      runtimes.rest();
    }
    return switch (kind) {
      case REFERENCE -> training(lease, patience);
      case SANDBOX, SANDBOX_ONLINE -> command(lease, patience);
      case TORCH -> module(lease, patience);
    };
  }

  private LeaseEnd training(HeldLease lease, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    LeaseOffer offer = lease.offer();
    StagedShard shard = staging.stage(offer, patience);
    Beginning<ShardCheckpoint> beginning =
        checkpoints.beginning(
            offer, new ShardCheckpoints(step -> ShardTrainer.place(shard.task(), step)));
    Optional<LeaseEnd> refused = start(lease);
    if (refused.isPresent()) {
      return refused.get();
    }
    return switch (train(lease, shard, beginning, patience)) {
      case ShardOutcome.Trained trained -> {
        Digest blob =
            offer.task().isAudit()
                ? Manifest.of(trained.result().encode()).id()
                : delivery.upload(checked(shard, trained.result()), patience);
        yield delivery.commit(
            lease, OptionalInt.empty(), blob, root(trained.root()), beginning.inputs());
      }
      case ShardOutcome.Diverged diverged ->
          delivery.commit(
              lease,
              OptionalInt.of(diverged.step()),
              Divergence.shown(diverged.step()),
              root(diverged.root()),
              beginning.inputs());
      case ShardOutcome.Cancelled cancelled -> lease.left();
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
      ShardTask task = staged.shard().task();
      Beginning<ShardCheckpoint> beginning =
          checkpoints.beginning(
              offer, new ShardCheckpoints(step -> TorchRuntime.place(task, step)));
      Optional<LeaseEnd> refused = start(lease);
      if (refused.isPresent()) {
        return refused.get();
      }
      Optional<ShardResult> result = train(lease, staged, torch, beginning, patience);
      if (result.isEmpty()) {
        return lease.left();
      }
      Digest blob = delivery.upload(result.get().encode(), patience);
      return commitUnproven(lease, blob, beginning);
    }
  }

  private LeaseEnd command(HeldLease lease, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    SandboxRuntime sandbox =
        runtimes.commands().orElseThrow(() -> new LeaseFailure("this agent does not run commands"));
    LeaseOffer offer = lease.offer();
    try (SandboxRuntime.Staged staged = staging.command(offer, sandbox, patience)) {
      Beginning<SandboxRuntime.Staged> beginning = checkpoints.beginning(offer, staged);
      Optional<LeaseEnd> refused = start(lease);
      if (refused.isPresent()) {
        return refused.get();
      }
      Optional<Path> output = run(lease, staged, beginning, patience);
      if (output.isEmpty()) {
        return lease.left();
      }
      Digest blob = delivery.upload(output.get(), patience);
      return commitUnproven(lease, blob, beginning);
    }
  }

  private LeaseEnd commitUnproven(HeldLease lease, Digest blob, Beginning<?> beginning)
      throws LeaseFailure, IOException, InterruptedException {
    return delivery.commit(lease, OptionalInt.empty(), blob, NO_RUN, beginning.inputs());
  }

  /** Tells the market that the lease's work begins; how it ended if the market refuses that. */
  private Optional<LeaseEnd> start(HeldLease lease) throws LeaseFailure, InterruptedException {
    LeaseOffer offer = lease.offer();
    if (!offer.started()) {
      Outcome started =
          sender.send(new Command.StartLease(offer.task(), offer.fence()), lease::isOver);
      if (started instanceof Outcome.Rejected rejected) {
        return Optional.of(LeaseDelivery.gone(lease, rejected.rejection()));
      }
    }
    lease.begun();
    return Optional.empty();
  }

  private ShardOutcome train(
      HeldLease lease, StagedShard shard, Beginning<ShardCheckpoint> beginning, Patience patience) {
    boolean audit = lease.offer().task().isAudit();
    long cpuBefore = cpuNanos();
    CountedSteps steps = new CountedSteps(lease.offer(), beginning.step(), progress, meter);
    try (SavedSteps saved =
        new SavedSteps(lease, steps, checkpoints.saver(lease, beginning, patience))) {
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

  private Optional<ShardResult> train(
      HeldLease lease,
      TorchRuntime.Staged staged,
      TorchRuntime torch,
      Beginning<ShardCheckpoint> beginning,
      Patience patience)
      throws LeaseFailure, InterruptedException {
    CountedSteps steps = new CountedSteps(lease.offer(), beginning.step(), progress, meter);
    try (SavedSteps saved =
        new SavedSteps(lease, steps, checkpoints.saver(lease, beginning, patience))) {
      return torch.train(
          lease.offer().task().job(), staged, beginning.from(), saved, saved::isOver);
    } finally {
      steps.meter(staged.shard());
    }
  }

  private Optional<Path> run(
      HeldLease lease,
      SandboxRuntime.Staged staged,
      Beginning<SandboxRuntime.Staged> beginning,
      Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    int from = Math.max(beginning.step(), lease.offer().savedSteps());
    CountedSteps steps = new CountedSteps(lease.offer(), from, progress, meter);
    try (SavedSteps saved =
        new SavedSteps(lease, steps, checkpoints.saver(lease, beginning, patience))) {
      return staged.run(new RunningSeconds(from, staged, saved));
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

  private static Digest root(io.shardex.training.commitment.Digest ofRun) {
    return Digest.of(ofRun.bytes());
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
    delivery.giveUp(lease, why, lease::isOver);
    return new LeaseEnd(
        lease.offer().task(), lease.offer().fence(), LeaseEnd.Outcome.FAILED, reason);
  }
}
