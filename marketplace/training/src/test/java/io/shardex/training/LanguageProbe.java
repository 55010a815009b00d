package io.shardex.training;

import io.shardex.training.data.Samples;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * By hand: loss of the reference language model on held-out text after each round. Arguments: text,
 * held-out text, shards, rounds, learning rate, batch size, local epochs, seed.
 */
final class LanguageProbe {
  private static final int WINDOW = 64;

  private LanguageProbe() {}

  public static void main(String[] args) throws IOException, PlainTraining.Diverged {
    Samples train = windows(args[0]);
    Samples test = windows(args[1]);
    ModelSpec model = new ModelSpec.Transformer(128, WINDOW, 64, 4, 2, Long.parseLong(args[7]));
    LocalSpec adam =
        new LocalSpec.Adam(
            Float.parseFloat(args[4]),
            0.9f,
            0.99f,
            1e-8f,
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]));
    TrainingSpec spec =
        new TrainingSpec(
            model,
            adam,
            OuterSpec.AVERAGE,
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            train.count());
    System.out.printf("%d windows, %d WU a shard%n", train.count(), Workload.workUnits(spec, 0));
    PlainTraining.run(
        spec,
        train,
        (round, loss, after) -> {
          Evaluation held = Evaluation.of(after, test);
          System.out.printf(
              "round %d: training loss %.4f, held-out loss %.4f, %.2f %% right%n",
              round, loss, held.meanLoss(), 100 * held.accuracy());
        });
  }

  private static Samples windows(String file) throws IOException {
    byte[] text = Files.readAllBytes(Path.of(file));
    int windows = (text.length - 1) / WINDOW;
    return Samples.windows(Arrays.copyOf(text, windows * WINDOW + 1), WINDOW);
  }
}
