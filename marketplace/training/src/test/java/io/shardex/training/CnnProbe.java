package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
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
 * By hand: samples per CPU-second of the convolutional example's shard on one thread, and how much
 * faster two threads are by the clock, commitment included. Windows on one and two threads
 * alternate; medians of five after two.
 */
final class CnnProbe {
  private static final int WARM_UP = 2;
  private static final int WINDOWS = 5;

  private CnnProbe() {}

  public static void main(String[] args) {
    ModelSpec model =
        new ModelSpec.Cnn(
            new ModelSpec.Image(28, 28, 1),
            List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
            List.of(128, 10),
            Activation.RELU,
            7);
    LocalSpec local = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 64, 1);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, 3_200);
    Samples samples = SyntheticSamples.of(1, 3_200, 784, 10);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), InitialModel.of(model), 0);
    double[] speed = new double[WINDOWS];
    double[] ratio = new double[WINDOWS];
    try (Lanes one = Lanes.of(1);
        Lanes two = Lanes.of(2)) {
      for (int window = -WARM_UP; window < WINDOWS; window++) {
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long start = System.nanoTime();
        ShardOutcome alone = train(task, samples, one);
        long middle = System.nanoTime();
        long used = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
        ShardOutcome shared = train(task, samples, two);
        long end = System.nanoTime();
        if (!alone.equals(shared)) {
          throw new IllegalStateException("two threads gave " + shared + ", one " + alone);
        }
        if (window >= 0) {
          speed[window] = samples.count() / (used / 1e9);
          ratio[window] = (double) (middle - start) / (end - middle);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "seed 7, JDK %s: %.0f samples/CPU-s on one thread (best %.0f), two threads %.2f times as fast%n",
        Runtime.version(),
        median(speed),
        Arrays.stream(speed).max().orElseThrow(),
        median(ratio));
  }

  private static ShardOutcome train(ShardTask task, Samples samples, Lanes lanes) {
    return new ShardTrainer(lanes).train(task, samples, ShardProgress.NONE, () -> false);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
