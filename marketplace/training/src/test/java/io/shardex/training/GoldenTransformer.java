package io.shardex.training;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.util.List;

/**
 * Trains a shard of made-up text with a small language model, by both optimisers, on one and on two
 * lanes, and prints its digests. {@link GoldenShardTest} starts it in JVMs of its own.
 */
final class GoldenTransformer {
  private static final int WINDOW = 33;

  private GoldenTransformer() {}

  public static void main(String[] args) {
    LocalSpec sgd = new LocalSpec.Sgd(0.05f, 0.9f, 8, 1);
    LocalSpec adam = new LocalSpec.Adam(0.003f, 0.9f, 0.99f, 1e-8f, 8, 1);
    for (LocalSpec local : List.of(sgd, adam)) {
      for (long seed : new long[] {1, 7}) {
        for (int lanes = 1; lanes <= 2; lanes++) {
          System.out.println(line(local, seed, lanes));
        }
      }
    }
  }

  private static String line(LocalSpec local, long seed, int count) {
    ModelSpec model = new ModelSpec.Transformer(61, WINDOW, 48, 4, 2, seed);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, 160);
    Samples samples = Samples.windows(text(), WINDOW);
    RoundModel base = InitialModel.of(model);
    ShardTask task = new ShardTask(spec, Digest.of(), samples.digest(), base, 0);
    String name = local.getClass().getSimpleName();
    try (Lanes lanes = Lanes.of(count)) {
      return switch (new ShardTrainer(lanes)
          .train(task, samples, ShardProgress.NONE, () -> false)) {
        case ShardOutcome.Trained it ->
            "%s seed %d lanes %d initial %s result %s root %s"
                .formatted(name, seed, count, base.digest(), it.resultDigest(), it.root());
        case ShardOutcome.Diverged it -> "seed %d diverged at %d".formatted(seed, it.step());
        case ShardOutcome.Cancelled it -> "seed %d cancelled at %d".formatted(seed, it.step());
      };
    }
  }

  /** 160 windows and a byte, each drawn from the squares modulo a prime. */
  private static byte[] text() {
    byte[] text = new byte[160 * WINDOW + 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ((long) i * i % 10_007 % 61);
    }
    return text;
  }
}
