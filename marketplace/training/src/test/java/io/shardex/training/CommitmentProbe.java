package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * By hand: what committing to the example's shard costs beside training it, in CPU time of one
 * thread. Windows with and without commitment alternate; each gives one ratio, and the median is
 * printed. Also what hashing takes by itself: the states, and the result.
 */
final class CommitmentProbe {
  private static final int WARM_UP = 10;
  private static final int WINDOWS = 41;

  private CommitmentProbe() {}

  public static void main(String[] args) {
    ModelSpec model = new ModelSpec.Mlp(List.of(784, 256, 10), Activation.RELU, 7);
    LocalSpec local = new LocalSpec.Sgd(0.05f, 0.9f, 32, 1);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, 10_000);
    Samples samples = SyntheticSamples.of(1, 10_000, 784, 10);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), InitialModel.of(model), 0);
    double[] whole = new double[WINDOWS];
    double[] hashing = new double[WINDOWS];
    try (Lanes lanes = Lanes.of(1)) {
      for (int window = -WARM_UP; window < WINDOWS; window++) {
        long before = cpuNanos();
        LocalTraining bare = train(task, samples, lanes);
        long trained = cpuNanos();
        var unused = new ShardTrainer(lanes).train(task, samples, ShardProgress.NONE, () -> false);
        long committed = cpuNanos();
        hash(task, bare);
        long hashed = cpuNanos();
        if (window >= 0) {
          whole[window] = (double) (committed - trained) / (trained - before) - 1;
          hashing[window] = (double) (hashed - committed) / (trained - before);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "seed 7, JDK %s: a committed shard takes %.2f %% more than a bare one; hashing its states %.2f %%%n",
        Runtime.version(),
        100 * median(whole),
        100 * median(hashing));
  }

  private static LocalTraining train(ShardTask task, Samples samples, Lanes lanes) {
    LocalTraining training =
        new LocalTraining(task.base(), task.spec().local(), task.shard(), samples, lanes);
    while (training.step() < training.steps() && training.advance()) {
      // Steps only.
    }
    return training;
  }

  /** As many states as the run has leaves to hash. */
  private static void hash(ShardTask task, LocalTraining training) {
    int segment = ShardTrainer.segmentSteps(task.spec(), 0, training.stateBytes());
    var tree = new io.shardex.training.commitment.SegmentTree(task.baseDigest());
    var state = training.stateBuffer();
    for (int at = 0; at < training.steps(); at += segment) {
      training.writeState(state);
      tree.add(at, state);
    }
    if (tree.leaves() < 2) {
      throw new IllegalStateException("nothing was hashed");
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
