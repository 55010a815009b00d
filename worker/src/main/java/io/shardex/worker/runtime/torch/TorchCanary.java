package io.shardex.worker.runtime.torch;

import io.shardex.training.ShardProgress;
import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Trains a toy with a convolution and attention several times, each in a process of its own, and
 * compares the bits. Whoever would sell results as repeatable on one kind of machine has to see it
 * repeat first; on libtorch that is no matter of course.
 */
public final class TorchCanary {
  private static final int RUNS = 3;
  private static final int SIDE = 16;
  private static final int CLASSES = 4;
  private static final int SAMPLES = 64;
  private static final LocalSpec LOCAL = new LocalSpec.Adam(0.002f, 0.9f, 0.999f, 1e-8f, 32, 20);

  private static final List<Tensor> TENSORS =
      List.of(
          new Tensor("conv.weight", List.of(8, 1, 3, 3)),
          new Tensor("conv.bias", List.of(8)),
          new Tensor("rows.weight", List.of(64, 128)),
          new Tensor("rows.bias", List.of(64)),
          new Tensor("norm.weight", List.of(64)),
          new Tensor("norm.bias", List.of(64)),
          new Tensor("asks.weight", List.of(192, 64)),
          new Tensor("asks.bias", List.of(192)),
          new Tensor("head.weight", List.of(4, 64)),
          new Tensor("head.bias", List.of(4)));

  private TorchCanary() {}

  /** What came of it. */
  public sealed interface Verdict {}

  /** All runs came to equal bits, as far as so many show. */
  public record Repeats(int runs) implements Verdict {}

  /**
   * It does not repeat.
   *
   * @param run the first that came to other bits than the first one; 2 or more
   */
  public record Differs(int run) implements Verdict {}

  /** It cannot be trained here at all. */
  public record Fails(String reason) implements Verdict {}

  /** One training of the toy from its beginning. */
  interface Run {
    TorchOutcome train(TorchShard shard, Path module, Samples samples) throws InterruptedException;
  }

  /** Trains and compares; takes some seconds. */
  public static Verdict sing(TorchTrainer trainer) throws IOException, InterruptedException {
    return sing(run(trainer), RUNS);
  }

  /** Trains once: why that cannot be done here, or nothing. */
  public static Optional<String> fault(TorchTrainer trainer)
      throws IOException, InterruptedException {
    return sing(run(trainer), 1) instanceof Fails fails
        ? Optional.of(fails.reason())
        : Optional.empty();
  }

  private static Run run(TorchTrainer trainer) {
    return (shard, module, samples) ->
        trainer.train(shard, module, samples, ShardProgress.NONE, () -> false);
  }

  static Verdict sing(Run run) throws IOException, InterruptedException {
    return sing(run, RUNS);
  }

  private static Verdict sing(Run run, int runs) throws IOException, InterruptedException {
    Path module = Files.createTempFile("shardex-canary", ".pt");
    try {
      try (InputStream in =
          Objects.requireNonNull(TorchCanary.class.getResourceAsStream("canary.pt"))) {
        Files.write(module, in.readAllBytes());
      }
      return compare(run, module, runs);
    } finally {
      Files.delete(module);
    }
  }

  private static Verdict compare(Run run, Path module, int runs) throws InterruptedException {
    Parameters first = Parameters.of(new float[0]);
    for (int number = 1; number <= runs; number++) {
      switch (run.train(shard(), module, samples())) {
        case TorchOutcome.Trained trained -> {
          if (number == 1) {
            first = trained.parameters();
          } else if (!first.equals(trained.parameters())) {
            return new Differs(number);
          }
        }
        case TorchOutcome.Failed failed -> {
          return new Fails(failed.reason());
        }
        case TorchOutcome.Diverged diverged -> {
          return new Fails("it diverged at step " + diverged.step());
        }
        case TorchOutcome.Cancelled cancelled -> {
          return new Fails("it was cancelled");
        }
      }
    }
    return new Repeats(runs);
  }

  private static TorchShard shard() {
    int count = TENSORS.stream().mapToInt(Tensor::count).sum();
    CounterRandom random = new CounterRandom(1, 0, 0, 0, CounterRandom.Purpose.SYNTHETIC_DATA);
    float[] base = new float[count];
    for (int i = 0; i < count; i++) {
      base[i] = (random.below(2_001, i) - 1_000) / 8_000f;
    }
    return new TorchShard(
        TENSORS,
        Parameters.of(base),
        List.of(1, SIDE, SIDE),
        TorchShard.Reading.PIXELS,
        CLASSES,
        LOCAL,
        1,
        0,
        0);
  }

  private static Samples samples() {
    byte[] features = new byte[SAMPLES * SIDE * SIDE];
    byte[] labels = new byte[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      CounterRandom random =
          new CounterRandom(1, 0, 0, i + 1, CounterRandom.Purpose.SYNTHETIC_DATA);
      for (int j = 0; j < SIDE * SIDE; j++) {
        features[i * SIDE * SIDE + j] = (byte) random.below(256, j);
      }
      labels[i] = (byte) (i % CLASSES);
    }
    return Samples.of(features, labels, SIDE * SIDE);
  }
}
