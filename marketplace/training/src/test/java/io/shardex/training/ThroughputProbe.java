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
import java.util.List;

/** By hand: samples per CPU-second of the example's shard, commitment included. */
final class ThroughputProbe {
  private ThroughputProbe() {}

  public static void main(String[] args) {
    ModelSpec model = new ModelSpec.Mlp(List.of(784, 256, 10), Activation.RELU, 7);
    LocalSpec local = new LocalSpec.Sgd(0.05f, 0.9f, 32, 1);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, 10_000);
    Samples samples = SyntheticSamples.of(1, 10_000, 784, 10);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), InitialModel.of(model), 0);
    try (Lanes lanes = Lanes.of(1)) {
      ShardTrainer trainer = new ShardTrainer(lanes);
      for (int run = 0; run < 10; run++) {
        long start = cpuNanos();
        ShardOutcome outcome = trainer.train(task, samples, ShardProgress.NONE, () -> false);
        double seconds = (cpuNanos() - start) / 1e9;
        System.out.printf("%.0f samples/CPU-s, %s%n", samples.count() / seconds, digest(outcome));
      }
    }
  }

  private static String digest(ShardOutcome outcome) {
    return switch (outcome) {
      case ShardOutcome.Trained trained -> trained.root().hex();
      case ShardOutcome.Diverged diverged -> "diverged at step " + diverged.step();
      case ShardOutcome.Cancelled cancelled -> "cancelled at step " + cancelled.step();
    };
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
