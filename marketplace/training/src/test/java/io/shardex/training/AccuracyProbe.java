package io.shardex.training;

import io.shardex.training.data.IdxPair;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/**
 * By hand: an example's job on MNIST, accuracy a round. Arguments: folder of the four IDX files,
 * seed, rounds, training images, {@code mlp} or {@code cnn}.
 */
final class AccuracyProbe {
  private AccuracyProbe() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Samples train = load(folder, "train");
    Samples test = load(folder, "t10k");
    long seed = Long.parseLong(args[1]);
    boolean cnn = args[4].equals("cnn");
    ModelSpec model =
        cnn
            ? new ModelSpec.Cnn(
                new ModelSpec.Image(28, 28, 1),
                List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
                List.of(128, 10),
                Activation.RELU,
                seed)
            : new ModelSpec.Mlp(List.of(784, 256, 10), Activation.RELU, seed);
    LocalSpec local =
        cnn
            ? new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 64, 1)
            : new LocalSpec.Sgd(0.05f, 0.9f, 32, 1);
    int rounds = Integer.parseInt(args[2]);
    int images = Integer.parseInt(args[3]);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 6, rounds, images);
    long start = cpuNanos();
    PlainTraining.run(
        spec,
        train,
        (round, loss, after) ->
            System.out.printf(
                "seed %d round %d loss %.4f accuracy %.4f%n",
                seed, round, loss, Evaluation.of(after, test).accuracy()));
    System.out.printf("%.1f CPU-s with evaluation%n", (cpuNanos() - start) / 1e9);
  }

  private static Samples load(Path folder, String name) throws Exception {
    return IdxPair.load(
        folder.resolve(name + "-images-idx3-ubyte"), folder.resolve(name + "-labels-idx1-ubyte"));
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
