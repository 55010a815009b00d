package io.shardex.training;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.commitment.Digest;
import io.shardex.training.commitment.RunHeader;
import io.shardex.training.commitment.SegmentTree;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Bytes;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.model.ShardResult;
import io.shardex.training.model.Versions;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Trains a shard and commits to every segment of the run on the way. */
public final class ShardTrainer {
  /**
   * Operations that a segment must have for each byte of its state, so that hashing it costs about
   * half a percent of training it: one core does about 29 reference operations in the time it
   * hashes a byte (35,000 samples of 818,176 operations a second, and 1 GB/s of SHA-256), 200 times
   * that, rounded up. The other half is for the last segment, which may be short, and the result.
   */
  private static final long OPERATIONS_PER_STATE_BYTE = 6_400;

  private static final byte[] DIVERGED_TAG =
      "shardex.diverged/1".getBytes(StandardCharsets.US_ASCII);

  private final Lanes lanes;

  /** A trainer on these threads, which stay the caller's to close. */
  public ShardTrainer(Lanes lanes) {
    this.lanes = lanes;
  }

  /** Runs the shard from its start to its end, to divergence or until cancelled. */
  public ShardOutcome train(
      ShardTask task, Samples samples, ShardProgress progress, BooleanSupplier cancelled) {
    return train(task, samples, Optional.empty(), progress, cancelled);
  }

  /**
   * Runs the shard to its end, to divergence or until cancelled.
   *
   * @param samples exactly the shard's samples, as {@code spec.range(shard)} says
   * @param from a checkpoint of the {@linkplain #place task's place}; the start if empty
   * @param cancelled polled before each step
   */
  public ShardOutcome train(
      ShardTask task,
      Samples samples,
      Optional<ShardCheckpoint> from,
      ShardProgress progress,
      BooleanSupplier cancelled) {
    requireCount(task, samples);
    LocalTraining training =
        new LocalTraining(task.base(), task.spec().local(), task.shard(), samples, lanes);
    from.ifPresent(saved -> training.readState(saved.state().buffer()));
    ByteBuffer state = training.stateBuffer();
    SegmentTree tree =
        new SegmentTree(task.baseDigest(), from.map(ShardCheckpoint::leaves).orElseGet(List::of));
    int segmentSteps = segmentSteps(task.spec(), task.shard(), state.capacity());
    while (training.step() < training.steps()) {
      if (cancelled.getAsBoolean()) {
        return new ShardOutcome.Cancelled(training.step());
      }
      if (!training.advance()) {
        return diverged(task, training, tree);
      }
      if (training.step() % segmentSteps == 0 || training.step() == training.steps()) {
        if (!training.finite()) {
          return diverged(task, training, tree);
        }
        addLeaf(tree, training, state);
      }
      progress.stepped(training.step(), training.steps(), training.meanLoss());
      if (training.step() < training.steps()
          && progress.wantsCheckpoint(training.step())
          && training.finite()) {
        progress.reached(checkpoint(task, training, tree, state));
      }
    }
    return trained(task, training, samples, tree);
  }

  /** What a checkpoint of this task after {@code step} steps must be. */
  public static ShardCheckpoint.Place place(ShardTask task, int step) {
    int stateBytes = LocalTraining.stateBytes(task.spec().model(), task.spec().local());
    return new ShardCheckpoint.Place(
        task.spec().model(),
        task.base().round(),
        task.shard(),
        step,
        step / segmentSteps(task.spec(), task.shard(), stateBytes),
        stateBytes);
  }

  private static ShardCheckpoint checkpoint(
      ShardTask task, LocalTraining training, SegmentTree tree, ByteBuffer state) {
    training.writeState(state);
    return new ShardCheckpoint(
        task.spec().model(),
        task.base().round(),
        task.shard(),
        training.step(),
        tree.reached(),
        Bytes.copyOf(state));
  }

  /**
   * Steps between two leaves of the segment tree: a function of model, optimiser and the shard's
   * size, by the mean work of its steps.
   *
   * @param stateBytes of one state
   */
  static int segmentSteps(TrainingSpec spec, int shard, int stateBytes) {
    int samples = spec.range(shard).count();
    long operations = Workload.operations(spec.model(), spec.local(), samples);
    long perStep = Math.max(1, operations / spec.local().steps(samples));
    return Math.toIntExact(Math.ceilDiv(OPERATIONS_PER_STATE_BYTE * stateBytes, perStep));
  }

  private static void requireCount(ShardTask task, Samples samples) {
    int expected = task.spec().range(task.shard()).count();
    if (samples.count() != expected) {
      throw new IllegalArgumentException(
          "expected the %d samples of shard %d, but there are %d"
              .formatted(expected, task.shard(), samples.count()));
    }
  }

  private static void addLeaf(SegmentTree tree, LocalTraining training, ByteBuffer state) {
    training.writeState(state);
    tree.add(training.step(), state);
  }

  private static ShardOutcome trained(
      ShardTask task, LocalTraining training, Samples samples, SegmentTree tree) {
    ShardResult result =
        new ShardResult(
            task.spec().model(),
            task.base().round(),
            task.shard(),
            samples.count(),
            training.step(),
            training.lossSum(),
            training.parameters());
    Digest digest = result.digest();
    return new ShardOutcome.Trained(result, digest, root(task, training, tree, digest));
  }

  private static ShardOutcome diverged(ShardTask task, LocalTraining training, SegmentTree tree) {
    int step = training.step();
    byte[] number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(step).array();
    Digest digest = Digest.of(DIVERGED_TAG, number);
    return new ShardOutcome.Diverged(step, digest, root(task, training, tree, digest));
  }

  private static Digest root(
      ShardTask task, LocalTraining training, SegmentTree tree, Digest result) {
    RunHeader header =
        new RunHeader(
            task.specDigest(),
            Versions.ARITHMETIC,
            task.baseDigest(),
            task.dataDigest(),
            task.base().round(),
            task.shard(),
            RunHeader.CARRIED_NONE,
            RunHeader.CARRIED_NONE,
            training.step(),
            segmentSteps(task.spec(), task.shard(), training.stateBytes()));
    return header.root(tree, result);
  }
}
