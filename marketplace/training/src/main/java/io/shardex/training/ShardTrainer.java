package io.shardex.training;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.commitment.Digest;
import io.shardex.training.commitment.RunHeader;
import io.shardex.training.commitment.SegmentTree;
import io.shardex.training.data.Samples;
import io.shardex.training.model.ShardResult;
import io.shardex.training.model.Versions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Trains a shard and commits to every segment of the run on the way. */
public final class ShardTrainer {
  /** Steps between two leaves of the segment tree. */
  public static final int SEGMENT_STEPS = 100;

  private static final byte[] DIVERGED_TAG =
      "shardex.diverged/1".getBytes(StandardCharsets.US_ASCII);

  private final Lanes lanes;

  /** A trainer on these threads, which stay the caller's to close. */
  public ShardTrainer(Lanes lanes) {
    this.lanes = lanes;
  }

  /**
   * Runs the shard to its end, to divergence or until cancelled.
   *
   * @param samples exactly the shard's samples, as {@code spec.range(shard)} says
   * @param cancelled polled before each step
   */
  public ShardOutcome train(
      ShardTask task, Samples samples, ShardProgress progress, BooleanSupplier cancelled) {
    requireCount(task, samples);
    LocalTraining training =
        new LocalTraining(task.base(), task.spec().local(), task.shard(), samples, lanes);
    ByteBuffer state = training.stateBuffer();
    SegmentTree tree = new SegmentTree();
    addLeaf(tree, training, state);
    while (training.step() < training.steps()) {
      if (cancelled.getAsBoolean()) {
        return new ShardOutcome.Cancelled(training.step());
      }
      if (!training.advance()) {
        return diverged(task, training, tree);
      }
      if (training.step() % SEGMENT_STEPS == 0 || training.step() == training.steps()) {
        if (!training.finite()) {
          return diverged(task, training, tree);
        }
        addLeaf(tree, training, state);
      }
      progress.stepped(training.step(), training.steps(), training.lossSum() / training.visited());
    }
    return trained(task, training, samples, tree);
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
    return new ShardOutcome.Trained(result, digest, root(task, training.step(), tree, digest));
  }

  private static ShardOutcome diverged(ShardTask task, LocalTraining training, SegmentTree tree) {
    int step = training.step();
    byte[] number =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(step).array();
    Digest digest = Digest.of(DIVERGED_TAG, number);
    return new ShardOutcome.Diverged(step, digest, root(task, step, tree, digest));
  }

  private static Digest root(ShardTask task, int steps, SegmentTree tree, Digest result) {
    RunHeader header =
        new RunHeader(
            task.specDigest(),
            Versions.ARITHMETIC,
            task.base().digest(),
            task.dataDigest(),
            task.base().round(),
            task.shard(),
            RunHeader.CARRIED_NONE,
            RunHeader.CARRIED_NONE,
            steps,
            SEGMENT_STEPS);
    return header.root(tree, result);
  }
}
