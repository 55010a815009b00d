package io.shardex.ops.bench;

import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.faultlab.Broken;
import io.shardex.ops.role.TorchFolder;
import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.arithmetic.CounterRandom.Purpose;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import io.shardex.worker.runtime.torch.TorchChild;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchShard.Reading;
import io.shardex.worker.runtime.torch.TorchTrainer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Samples per CPU-second of the reproducible kernels on one thread, beside libtorch's on one thread
 * in its child process: the same models, batches, dense samples and optimisers, in turn. The
 * child's time has in it what it takes to hand it samples and to tell of each step.
 */
final class KernelFigures {
  private static final int WINDOWS = 5;

  /** Windows that are not counted. */
  private static final int WARM_UP = 1;

  /** The share of a window's steps that is not counted: a child is new in each. */
  private static final int COLD_SHARE = 4;

  private static final String TRANSFORMER = "transformer.pt";
  private static final LocalSpec.Adam ADAM = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 64, 1);

  private KernelFigures() {}

  /**
   * A model of both.
   *
   * @param module what libtorch trains
   * @param tensors its parameters, as many numbers as ours has
   * @param goal ours by libtorch's
   */
  private record Model(
      String name,
      ModelSpec ours,
      String module,
      List<Tensor> tensors,
      List<Integer> input,
      Reading reading,
      LocalSpec local,
      Samples samples,
      double goal) {
    int steps() {
      return local.steps(samples.count());
    }
  }

  static List<Figure> measure(Path dir, Consumer<String> progress)
      throws IOException, InterruptedException {
    TorchTrainer libtorch =
        new TorchTrainer(TorchInstall.at(TorchFolder.standard()), TorchLimits.of(2_048, 1));
    List<Figure> figures = new ArrayList<>();
    for (Model model : models()) {
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int window = -WARM_UP; window < WINDOWS; window++) {
        double our = ours(model);
        double their = theirs(model, libtorch, module(dir, model.module()));
        if (window >= 0) {
          ours.add(our);
          theirs.add(their);
        }
      }
      double our = Percentile.p50(ours);
      double their = Percentile.p50(theirs);
      progress.accept(
          String.format(
              Locale.ROOT,
              "%-12s %8.0f samples per CPU-second, libtorch %8.0f",
              model.name(),
              our,
              their));
      figures.add(
          new Figure(
              "kernel_to_libtorch_ratio_" + model.name(), our / their, "", "higher", model.goal()));
    }
    figures.add(new Figure("two_thread_speedup_cnn", twoThreads(cnn()), "", "higher", 1.6));
    figures.add(LanguageFigure.measure(libtorch, module(dir, TRANSFORMER), progress));
    return figures;
  }

  private static double ours(Model model) {
    try (Lanes one = Lanes.of(1)) {
      LocalTraining training = training(model, one);
      int cold = model.steps() / COLD_SHARE;
      advance(training, cold);
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      long visited = training.visited();
      advance(training, model.steps() - cold);
      long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      return (training.visited() - visited) / (nanos / 1e9);
    }
  }

  private static LocalTraining training(Model model, Lanes lanes) {
    return new LocalTraining(
        InitialModel.of(model.ours()), model.local(), 0, model.samples(), lanes);
  }

  private static void advance(LocalTraining training, int steps) {
    for (int i = 0; i < steps; i++) {
      if (!training.advance()) {
        throw new Broken("the reference arithmetic diverged at step " + training.step());
      }
    }
  }

  private static double theirs(Model model, TorchTrainer trainer, Path module)
      throws InterruptedException {
    int cold = model.steps() / COLD_SHARE;
    Duration[] cpu = new Duration[2];
    TorchOutcome outcome =
        trainer.train(
            shard(model),
            module,
            model.samples(),
            (step, steps, meanLoss) -> {
              if (step == cold) {
                cpu[0] = childsTime();
              } else if (step == steps) {
                cpu[1] = childsTime();
              }
            },
            () -> false);
    if (!(outcome instanceof TorchOutcome.Trained)) {
      throw new Broken("libtorch did not train: " + outcome);
    }
    long counted = (long) (model.steps() - cold) * model.local().batchSize();
    return counted / (cpu[1].minus(cpu[0]).toNanos() / 1e9);
  }

  /** Of the one child that libtorch is in. */
  private static Duration childsTime() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::info)
        .filter(
            info ->
                Stream.of(info.arguments().orElse(new String[0]))
                    .anyMatch(TorchChild.class.getName()::equals))
        .map(ProcessHandle.Info::totalCpuDuration)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(() -> new Broken("the child's processor time is not told here"));
  }

  private static TorchShard shard(Model model) {
    float[] base = new float[model.tensors().stream().mapToInt(Tensor::count).sum()];
    if (base.length != model.ours().parameterCount()) {
      throw new IllegalStateException(model.module() + " is not the same model");
    }
    CounterRandom random = new CounterRandom(0, 0, 0, 0, Purpose.SYNTHETIC_DATA);
    for (int i = 0; i < base.length; i++) {
      base[i] = (random.below(2_001, i) - 1_000) / 20_000f;
    }
    return new TorchShard(
        model.tensors(),
        Parameters.of(base),
        model.input(),
        model.reading(),
        model.ours().classes(),
        model.local(),
        0,
        0,
        0);
  }

  private static Path module(Path dir, String name) throws IOException {
    Path file = dir.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream in =
          Objects.requireNonNull(KernelFigures.class.getResourceAsStream(name), name)) {
        Files.copy(in, file);
      }
    }
    return file;
  }

  /** Windows on one and two threads alternate, by the clock. */
  private static double twoThreads(Model model) {
    List<Double> ratios = new ArrayList<>();
    try (Lanes one = Lanes.of(1);
        Lanes two = Lanes.of(2)) {
      for (int window = -WARM_UP; window < WINDOWS; window++) {
        long start = System.nanoTime();
        Parameters alone = trained(model, one);
        long middle = System.nanoTime();
        Parameters shared = trained(model, two);
        long end = System.nanoTime();
        if (!alone.equals(shared)) {
          throw new Broken("two threads came to other bits than one");
        }
        if (window >= 0) {
          ratios.add((double) (middle - start) / (end - middle));
        }
      }
    }
    return Percentile.p50(ratios);
  }

  private static Parameters trained(Model model, Lanes lanes) {
    LocalTraining training = training(model, lanes);
    advance(training, training.steps());
    return training.parameters();
  }

  private static List<Model> models() {
    return List.of(mlp(32, 2), mlp(256, 1), cnn(), transformer());
  }

  private static Model mlp(int batch, double goal) {
    return new Model(
        "mlp_" + batch,
        new ModelSpec.Mlp(List.of(784, 128, 10), ModelSpec.Activation.RELU, 0),
        "mlp.pt",
        List.of(
            tensor("1.weight", 128, 784),
            tensor("1.bias", 128),
            tensor("3.weight", 10, 128),
            tensor("3.bias", 10)),
        List.of(784),
        Reading.PIXELS,
        // At ten times the rate units die, and the momentum of their weights fades into denormal
        // numbers, which the arithmetic keeps: then both are measured at what a processor does with
        // those, ours four times slower.
        new LocalSpec.Sgd(0.001f, 0.9f, batch, 12),
        images(4_096),
        goal);
  }

  private static Model cnn() {
    return new Model(
        "cnn",
        new ModelSpec.Cnn(
            new ModelSpec.Image(28, 28, 1),
            List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
            List.of(128, 10),
            ModelSpec.Activation.RELU,
            0),
        "cnn.pt",
        List.of(
            tensor("0.weight", 16, 1, 5, 5),
            tensor("0.bias", 16),
            tensor("3.weight", 32, 16, 5, 5),
            tensor("3.bias", 32),
            tensor("7.weight", 128, 1_568),
            tensor("7.bias", 128),
            tensor("9.weight", 10, 128),
            tensor("9.bias", 10)),
        List.of(1, 28, 28),
        Reading.PIXELS,
        ADAM,
        images(3_200),
        0.8);
  }

  private static Model transformer() {
    byte[] text = new byte[64 * 1_024 + 1];
    CounterRandom random = new CounterRandom(0, 0, 0, 1, Purpose.SYNTHETIC_DATA);
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) random.below(128, i);
    }
    return new Model(
        "transformer",
        new ModelSpec.Transformer(128, 64, 64, 4, 2, 0),
        TRANSFORMER,
        languageTensors(),
        List.of(64),
        Reading.TEXT,
        new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 16, 1),
        Samples.windows(text, 64),
        0.4);
  }

  /** The parameters of the language model's module, in the order of ours. */
  static List<Tensor> languageTensors() {
    List<Tensor> tensors =
        new ArrayList<>(
            List.of(tensor("tokens.weight", 128, 64), tensor("positions.weight", 64, 64)));
    for (int block = 0; block < 2; block++) {
      String name = "blocks." + block + ".";
      tensors.addAll(
          List.of(
              tensor(name + "norm1.weight", 64),
              tensor(name + "norm1.bias", 64),
              tensor(name + "asks.weight", 192, 64),
              tensor(name + "asks.bias", 192),
              tensor(name + "mix.weight", 64, 64),
              tensor(name + "mix.bias", 64),
              tensor(name + "norm2.weight", 64),
              tensor(name + "norm2.bias", 64),
              tensor(name + "linear1.weight", 256, 64),
              tensor(name + "linear1.bias", 256),
              tensor(name + "linear2.weight", 64, 256),
              tensor(name + "linear2.bias", 64)));
    }
    tensors.addAll(
        List.of(
            tensor("norm.weight", 64),
            tensor("norm.bias", 64),
            tensor("head.weight", 128, 64),
            tensor("head.bias", 128)));
    return tensors;
  }

  private static Tensor tensor(String name, Integer... shape) {
    return new Tensor(name, Arrays.asList(shape));
  }

  /** Dense: no byte is what a black pixel is. */
  private static Samples images(int count) {
    byte[] features = new byte[count * 784];
    byte[] labels = new byte[count];
    CounterRandom random = new CounterRandom(0, 0, 0, 2, Purpose.SYNTHETIC_DATA);
    for (int i = 0; i < features.length; i++) {
      features[i] = (byte) (1 + random.below(255, i));
    }
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % 10);
    }
    return Samples.of(features, labels, 784);
  }
}
