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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Trains a small shard of each kind of model from twenty seeds, on one and on two lanes, and prints
 * one digest for each kind: of all that the twenty came to. {@link GoldenShardTest} starts it in
 * JVMs of its own.
 */
final class GoldenSeeds {
  private static final int SEEDS = 20;
  private static final int WINDOW = 17;

  private GoldenSeeds() {}

  public static void main(String[] args) {
    for (int lanes = 1; lanes <= 2; lanes++) {
      print("mlp", lanes, GoldenSeeds::mlp, seed -> SyntheticSamples.of(seed, 96, 784, 10));
      print("cnn", lanes, GoldenSeeds::cnn, seed -> SyntheticSamples.of(seed, 24, 784, 10));
      print("transformer", lanes, GoldenSeeds::transformer, GoldenSeeds::text);
    }
  }

  private static void print(
      String name, int count, LongFunction<ModelSpec> model, LongFunction<Samples> samples) {
    StringBuilder all = new StringBuilder();
    try (Lanes lanes = Lanes.of(count)) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        all.append(trained(model.apply(seed), samples.apply(seed), lanes)).append('\n');
      }
    }
    Digest digest = Digest.of(all.toString().getBytes(StandardCharsets.US_ASCII));
    System.out.println(name + ", " + count + " lanes: " + digest);
  }

  private static String trained(ModelSpec model, Samples samples, Lanes lanes) {
    LocalSpec local = new LocalSpec.Adam(0.003f, 0.9f, 0.99f, 1e-8f, 12, 1);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, samples.count());
    RoundModel base = InitialModel.of(model);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), base, 0);
    return switch (new ShardTrainer(lanes).train(task, samples, ShardProgress.NONE, () -> false)) {
      case ShardOutcome.Trained it -> it.resultDigest() + " " + it.root();
      case ShardOutcome.Diverged it -> "diverged at " + it.step();
      case ShardOutcome.Cancelled it -> "cancelled at " + it.step();
    };
  }

  private static ModelSpec mlp(long seed) {
    return new ModelSpec.Mlp(List.of(784, 50, 10), Activation.RELU, seed);
  }

  private static ModelSpec cnn(long seed) {
    return new ModelSpec.Cnn(
        new ModelSpec.Image(28, 28, 1),
        List.of(new ModelSpec.Stage(5, 6), new ModelSpec.Stage(3, 13)),
        List.of(40, 10),
        Activation.RELU,
        seed);
  }

  private static ModelSpec transformer(long seed) {
    return new ModelSpec.Transformer(61, WINDOW, 24, 4, 2, seed);
  }

  private static Samples text(long seed) {
    byte[] text = new byte[36 * WINDOW + 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ((seed * i * i + i) % 10_007 % 61);
    }
    return Samples.windows(text, WINDOW);
  }
}
