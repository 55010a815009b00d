package io.shardex.worker.runtime.torch;

import io.shardex.training.ShardProgress;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.worker.runtime.sandbox.Folders;
import io.shardex.worker.runtime.torch.TorchOutcome.Fault;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains shards of builders' modules in child processes. A child that trained a shard to its end is
 * kept for the next one of its job, and for no other: what one job's module leaves in a process, no
 * other job's module meets. For one shard at a time.
 */
public final class TorchTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(TorchTrainer.class);

  /** How soon a cancelled shard stops. */
  private static final Duration LOOK = Duration.ofMillis(50);

  /** The child's own classes and those of the binding. */
  private static final int HEAP_MIB = 64;

  private static final int HEAP_STEP_MIB = 16;

  /** How long a child waits for its job's next shard. */
  private static final Duration KEPT = Duration.ofMinutes(2);

  private final TorchLimits limits;
  private final StartedChild.Maker maker;
  private final KeptChild kept;

  /** A trainer by this installation. */
  public TorchTrainer(TorchInstall install, TorchLimits limits) {
    this(limits, install::child, new KeptChild(KEPT));
  }

  TorchTrainer(TorchLimits limits, StartedChild.Maker maker, KeptChild kept) {
    this.limits = limits;
    this.maker = maker;
    this.kept = kept;
  }

  /** Trains a shard of no job from its start, in a child that ends with it, and saves nothing. */
  public TorchOutcome train(
      TorchShard shard,
      Path module,
      Samples samples,
      ShardProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException {
    return train(
        Optional.empty(), shard, module, samples, Optional.empty(), progress::stepped, cancelled);
  }

  /**
   * Trains a shard to its end, to divergence, until cancelled or until it fails. Whatever module
   * and child do, this returns: at the latest after the limits' time for each try of each step.
   *
   * <p>Once it is trained, on processors, its child is kept for two minutes or until this
   * {@linkplain #rest rests}. A shard that fails in a child that was kept is tried once more in a
   * new one: what a process has gathered over many shards is not to fail a lease.
   *
   * @param job the shard's; no other job's shard meets its child, whether or not the modules are
   *     the same
   * @param module the builder's TorchScript archive; its forward takes one float32 tensor [batch,
   *     inputs...] and returns logits, float32 [batch, classes] or, of text, [batch, inputs,
   *     classes]
   * @param samples exactly the shard's
   * @param from what to go on from; the start if empty
   * @param progress told of each step once
   * @param cancelled polled all the time
   */
  public TorchOutcome train(
      Digest job,
      TorchShard shard,
      Path module,
      Samples samples,
      Optional<TorchState> from,
      TorchProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException {
    return train(Optional.of(job), shard, module, samples, from, progress, cancelled);
  }

  private TorchOutcome train(
      Optional<Digest> jobId,
      TorchShard shard,
      Path module,
      Samples samples,
      Optional<TorchState> from,
      TorchProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException {
    try {
      Path scratch = Files.createTempDirectory("shardex-torch");
      try {
        Path checked = scratch.resolve("module.pt");
        TorchArchive.rewrite(module, checked);
        TorchJob job = new TorchJob(shard, checked.toString(), samples, from);
        TorchProgress once = new ToldOnce(progress);
        Optional<StartedChild> waiting = kept.take(jobId, heapMiB(job));
        if (waiting.isPresent()) {
          TorchOutcome outcome = train(jobId, waiting.get(), job, once, cancelled);
          if (!(outcome instanceof TorchOutcome.Failed failed)) {
            return outcome;
          }
          LOG.warn("a shard failed in a kept process, and is tried anew: {}", failed.reason());
          TorchArchive.rewrite(module, checked);
        }
        StartedChild started = StartedChild.start(maker, limits, heapMiB(job));
        return train(jobId, started, job, once, cancelled);
      } finally {
        Folders.remove(scratch);
      }
    } catch (TorchArchive.Refused e) {
      return new TorchOutcome.Failed(Fault.MODEL, "the module: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      return new TorchOutcome.Failed(Fault.MODEL, Words.bounded(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return new TorchOutcome.Failed(Fault.HOST, Words.bounded(e.toString()));
    }
  }

  /**
   * Trains in this child, which is kept or closed then. A GPU may be reset between two shards, and
   * who has waited on it would not know: there none is kept.
   */
  private TorchOutcome train(
      Optional<Digest> jobId,
      StartedChild child,
      TorchJob job,
      TorchProgress progress,
      BooleanSupplier cancelled)
      throws IOException, InterruptedException {
    boolean isKept = false;
    try {
      TorchOutcome outcome = new Conversation(child, job, progress, cancelled).hold();
      isKept =
          jobId.isPresent()
              && outcome instanceof TorchOutcome.Trained
              && child.ready().filter(TorchReady::isOnProcessors).isPresent();
      return outcome;
    } finally {
      if (isKept) {
        kept.keep(jobId.orElseThrow(), child);
      } else {
        child.close();
      }
    }
  }

  /** Lets go of what is kept for the next shard. */
  public void rest() {
    kept.drop();
  }

  /**
   * Samples, and parameters and a state as bytes, as floats and as what is read again; in steps, so
   * that the shards of a job need the same.
   */
  private static int heapMiB(TorchJob job) {
    long state = job.from().map(from -> from.values().count()).orElse(0);
    long bytes =
        (long) job.samples().count() * (job.samples().width() + 1)
            + 4L * Float.BYTES * (job.shard().base().count() + state);
    return HEAP_MIB
        + HEAP_STEP_MIB * Math.toIntExact(Math.ceilDiv(bytes, (long) HEAP_STEP_MIB << 20));
  }

  /** Hears nothing again of a shard that is tried again. */
  private static final class ToldOnce implements TorchProgress {
    private final TorchProgress progress;
    private int told;

    ToldOnce(TorchProgress progress) {
      this.progress = progress;
    }

    @Override
    public void stepped(int step, int steps, double meanLoss) {
      if (step > told) {
        told = step;
        progress.stepped(step, steps, meanLoss);
      }
    }

    @Override
    public boolean wantsState(int step) {
      return step == told && progress.wantsState(step);
    }

    @Override
    public void reached(TorchState state) {
      progress.reached(state);
    }
  }

  /** There is nothing more to hear of a child. */
  private static final class Stopped extends IOException {
    private static final long serialVersionUID = 1;
    private final transient TorchOutcome outcome;

    Stopped(TorchOutcome outcome) {
      this.outcome = outcome;
    }
  }

  /** The talk about one job. */
  private final class Conversation {
    private final StartedChild child;
    private final TorchJob job;
    private final TorchProgress progress;
    private final BooleanSupplier cancelled;
    private boolean asked;

    Conversation(
        StartedChild child, TorchJob job, TorchProgress progress, BooleanSupplier cancelled) {
      this.child = child;
      this.job = job;
      this.progress = progress;
      this.cancelled = cancelled;
    }

    TorchOutcome hold() throws InterruptedException {
      try {
        if (child.ready().isEmpty()) {
          ready(next(Fault.HOST, limits.start(), "libtorch to load"));
        }
        child.process().send(job);
        return answer();
      } catch (Stopped e) {
        return e.outcome;
      } catch (IOException e) {
        return failed(
            Fault.MODEL, "libtorch's process does not keep to the protocol: " + e.getMessage());
      }
    }

    private void ready(Frame frame) throws IOException {
      TorchReady ready = TorchReady.of(frame);
      try {
        ready.requireProtocol();
      } catch (Frame.Malformed e) {
        throw new Stopped(failed(Fault.HOST, String.valueOf(e.getMessage())));
      }
      child.isReady(ready);
      LOG.info(
          "libtorch {} is ready on {} in process {}",
          ready.version(),
          ready.device(),
          child.process().pid());
    }

    private TorchOutcome answer() throws IOException, InterruptedException {
      int steps = job.steps();
      int done = job.begin();
      while (true) {
        String what = done == steps ? "the result" : "step " + (done + 1);
        Frame frame = next(Fault.MODEL, limits.step(), what);
        DataInputStream in = frame.in();
        switch (frame.kind()) {
          case STEP -> {
            if (done == steps) {
              throw new Frame.Malformed("more than %d steps".formatted(steps));
            }
            done++;
            expect(done, in.readInt());
            expect(steps, in.readInt());
            progress.stepped(done, steps, in.readDouble());
            if (done < steps && !asked && progress.wantsState(done)) {
              asked = child.process().askForState();
            }
          }
          case STATE -> {
            if (!asked) {
              throw new Frame.Malformed("a state that nobody asked for");
            }
            asked = false;
            expect(done, in.readInt());
            state(done, in.readDouble());
          }
          case TRAINED -> {
            return trained(in, steps);
          }
          case DIVERGED -> {
            int at = in.readInt();
            if (at < 1 || at > steps) {
              throw new Frame.Malformed("divergence at step %d of %d".formatted(at, steps));
            }
            return new TorchOutcome.Diverged(at);
          }
          case FAILED -> {
            Fault fault = in.readBoolean() ? Fault.HOST : Fault.MODEL;
            return failed(fault, in.readUTF());
          }
          case READY, JOB, DATA, SAVE, CHAIN ->
              throw new Frame.Malformed("%s as an answer".formatted(frame.kind()));
        }
      }
    }

    private void state(int step, double lossSum) throws IOException, InterruptedException {
      Frame.Source frames = () -> next(Fault.MODEL, limits.step(), "the state");
      TorchState state = new TorchState(step, lossSum, TorchJob.state(job.shard(), frames));
      if (state.finite()) {
        progress.reached(state);
      }
    }

    private TorchOutcome trained(DataInputStream in, int steps)
        throws IOException, InterruptedException {
      expect(steps, in.readInt());
      double lossSum = in.readDouble();
      int bytes = Float.BYTES * job.shard().base().count();
      Frame.Source frames = () -> next(Fault.MODEL, limits.step(), "the parameters");
      Parameters parameters = TorchJob.parameters(Frame.readData(frames, bytes));
      return parameters.finite() && Double.isFinite(lossSum)
          ? new TorchOutcome.Trained(parameters, steps, lossSum)
          : new TorchOutcome.Diverged(steps);
    }

    private static void expect(int expected, int found) throws Frame.Malformed {
      if (expected != found) {
        throw new Frame.Malformed("expected %d, but it is %d".formatted(expected, found));
      }
    }

    /** The next frame. */
    private Frame next(Fault fault, Duration atMost, String what)
        throws Stopped, InterruptedException {
      long end = System.nanoTime() + atMost.toNanos();
      try {
        while (true) {
          if (cancelled.getAsBoolean()) {
            throw new Stopped(new TorchOutcome.Cancelled());
          }
          Optional<Frame> frame = child.process().next(LOOK);
          if (frame.isPresent()) {
            return frame.get();
          }
          if (System.nanoTime() - end >= 0) {
            throw new Stopped(
                failed(
                    fault,
                    "waited %.1f s for %s in vain".formatted(atMost.toMillis() / 1_000.0, what)));
          }
        }
      } catch (TorchProcess.Ended e) {
        throw new Stopped(failed(fault, e.getMessage()));
      }
    }

    private static TorchOutcome failed(Fault fault, String reason) {
      return new TorchOutcome.Failed(fault, Words.bounded(reason));
    }
  }
}
