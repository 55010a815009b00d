package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.util.List;

/**
 * The golden shards: 640 synthetic images, 20 steps of the example's perceptron, then the same by
 * Adam and 160 images, 5 steps of the convolutional example by both optimisers. Prints one line a
 * seed and number of lanes: seed, lanes, digest of the initial model, of the result, root.
 */
final class GoldenShard {
  private GoldenShard() {}

  public static void main(String[] args) {
    for (int lanes = 1; lanes <= 2; lanes++) {
      for (long seed : new long[] {1, 2, 7, -1}) {
        System.out.println(line(seed, lanes));
      }
    }
    for (int lanes = 1; lanes <= 2; lanes++) {
      for (long seed : new long[] {1, 7}) {
        LocalSpec sgd = new LocalSpec.Sgd(0.05f, 0.9f, 32, 1);
        LocalSpec adam = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 32, 1);
        System.out.println("cnn, sgd: " + line(cnn(seed), sgd, 160, lanes));
        System.out.println("cnn, adam: " + line(cnn(seed), adam, 160, lanes));
        System.out.println("mlp, adam: " + line(mlp(seed), adam, 640, lanes));
      }
    }
  }

  private static ModelSpec mlp(long seed) {
    return new ModelSpec.Mlp(List.of(784, 256, 10), Activation.RELU, seed);
  }

  private static ModelSpec cnn(long seed) {
    return new ModelSpec.Cnn(
        new ModelSpec.Image(28, 28, 1),
        List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
        List.of(128, 10),
        Activation.RELU,
        seed);
  }

  private static String line(long seed, int count) {
    return line(mlp(seed), new LocalSpec.Sgd(0.05f, 0.9f, 32, 1), 640, count);
  }

  private static String line(ModelSpec model, LocalSpec local, int images, int count) {
    long seed = model.seed();
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, images);
    Samples samples = SyntheticSamples.of(seed, images, 784, 10);
    RoundModel base = InitialModel.of(model);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), base, 0);
    try (Lanes lanes = Lanes.of(count)) {
      ShardOutcome outcome =
          new ShardTrainer(lanes).train(task, samples, ShardProgress.NONE, () -> false);
      return switch (outcome) {
        case ShardOutcome.Trained it ->
            "seed %d lanes %d initial %s result %s root %s"
                .formatted(seed, count, base.digest(), it.resultDigest(), it.root());
        case ShardOutcome.Diverged it -> "seed %d diverged at %d".formatted(seed, it.step());
        case ShardOutcome.Cancelled it -> "seed %d cancelled at %d".formatted(seed, it.step());
      };
    }
  }
}
