package io.shardex.worker.runtime.torch;

import io.shardex.training.ShardProgress;
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
 * Trains shards of builders' modules, each in a child process of its own that ends with it: no
 * module meets what another one left. For one shard at a time.
 */
public final class TorchTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(TorchTrainer.class);

  /** How soon a cancelled shard stops. */
  private static final Duration LOOK = Duration.ofMillis(50);

  /** The child's own classes and those of the binding. */
  private static final int HEAP_MIB = 64;

  private static final int HEAP_STEP_MIB = 16;

  /** How long before its shard's end the next child is started: a slow machine needs all of it. */
  private static final Duration AHEAD = Duration.ofSeconds(10);

  /** How long a child waits for the next shard. */
  private static final Duration KEPT = Duration.ofMinutes(2);

  private final TorchLimits limits;
  private final StartedChild.Maker maker;
  private final Optional<SpareChild> spare;

  /** A trainer by this installation that holds nothing between shards. */
  public TorchTrainer(TorchInstall install, TorchLimits limits) {
    this(limits, install::child, Optional.empty());
  }

  TorchTrainer(TorchLimits limits, StartedChild.Maker maker, Optional<SpareChild> spare) {
    this.limits = limits;
    this.maker = maker;
    this.spare = spare;
  }

  /**
   * A trainer that starts the next shard's child while it trains, and keeps it for two minutes or
   * until it {@linkplain #rest rests}.
   */
  public static TorchTrainer sparing(TorchInstall install, TorchLimits limits) {
    return new TorchTrainer(limits, install::child, Optional.of(new SpareChild(AHEAD, KEPT)));
  }

  /** Trains a shard from its start, and saves nothing. */
  public TorchOutcome train(
      TorchShard shard,
      Path module,
      Samples samples,
      ShardProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException {
    return train(shard, module, samples, Optional.empty(), progress::stepped, cancelled);
  }

  /**
   * Trains a shard to its end, to divergence, until cancelled or until it fails. Whatever module
   * and child do, this returns: at the latest after the limits' time for each step.
   *
   * @param module the builder's TorchScript archive; its forward takes one float32 tensor [batch,
   *     inputs...] and returns logits, float32 [batch, classes] or, of text, [batch, inputs,
   *     classes]
   * @param samples exactly the shard's
   * @param from what to go on from; the start if empty
   * @param cancelled polled all the time
   */
  public TorchOutcome train(
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
        try (StartedChild child = child(job)) {
          return new Conversation(child.process(), job, progress, cancelled).hold();
        }
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

  /** Lets go of what is kept for the next shard. */
  public void rest() {
    spare.ifPresent(SpareChild::drop);
  }

  private StartedChild child(TorchJob job) throws IOException {
    Optional<StartedChild> waiting = spare.flatMap(one -> one.take(heapMiB(job)));
    return waiting.isPresent() ? waiting.get() : StartedChild.start(maker, limits, heapMiB(job));
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
    private final TorchProcess child;
    private final TorchJob job;
    private final TorchProgress progress;
    private final BooleanSupplier cancelled;
    private final long begin = System.nanoTime();
    private boolean onProcessors;
    private boolean lookedAhead;
    private boolean asked;

    Conversation(
        TorchProcess child, TorchJob job, TorchProgress progress, BooleanSupplier cancelled) {
      this.child = child;
      this.job = job;
      this.progress = progress;
      this.cancelled = cancelled;
    }

    TorchOutcome hold() throws InterruptedException {
      try {
        ready(next(Fault.HOST, limits.start(), "libtorch to load"));
        child.send(job);
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
      onProcessors = ready.isOnProcessors();
      LOG.info(
          "libtorch {} is ready on {} in process {}", ready.version(), ready.device(), child.pid());
    }

    /**
     * Starts the next shard's child, if it is time to. A GPU may be reset between two shards, and
     * who has waited on it would not know: there none waits.
     */
    private void lookAhead(SpareChild next, int done) {
      long left = (System.nanoTime() - begin) / (done - job.begin()) * (job.steps() - done);
      if (!onProcessors || lookedAhead || left > next.ahead().toNanos()) {
        return;
      }
      lookedAhead = true;
      try {
        next.keep(StartedChild.ahead(maker, limits, heapMiB(job)));
      } catch (IOException e) {
        LOG.warn("libtorch cannot be loaded ahead: {}", e.toString());
      }
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
            if (spare.isPresent()) {
              lookAhead(spare.get(), done);
            }
            if (done < steps && !asked && progress.wantsState(done)) {
              asked = child.askForState();
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
          Optional<Frame> frame = child.next(LOOK);
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
