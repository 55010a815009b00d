package io.shardex.ops.bench;

import io.shardex.ops.bench.NetworkFigures.Figure;
import io.shardex.ops.faultlab.Broken;
import io.shardex.training.Evaluation;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.data.Samples;
import io.shardex.training.data.TextWindows;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Fan;
import io.shardex.training.spec.ModelSpec.Fan.Kind;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchShard.Reading;
import io.shardex.worker.runtime.torch.TorchTrainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * The loss that a language model comes to by the reproducible kernels, by the loss it comes to in
 * libtorch: the same parameters to begin with, the same batches in the same order, the example's
 * text, and one way to judge both on text that neither has seen.
 */
final class LanguageFigure {
  private static final ModelSpec.Transformer MODEL =
      new ModelSpec.Transformer(128, 64, 64, 4, 2, 7);
  private static final LocalSpec LOCAL = new LocalSpec.Adam(0.003f, 0.9f, 0.99f, 1e-8f, 16, 4);

  private LanguageFigure() {}

  static Figure measure(TorchTrainer libtorch, Path module, Consumer<String> progress)
      throws IOException, InterruptedException {
    Samples train = text("moby-dick-train.txt");
    Samples test = text("moby-dick-test.txt");
    RoundModel start = InitialModel.of(MODEL);
    double our = loss(ours(start, train), test);
    double their = loss(theirs(start, train, libtorch, module), test);
    progress.accept(
        String.format(
            Locale.ROOT,
            "language     loss %.4f before, %.4f after %d steps, libtorch %.4f",
            loss(start.parameters(), test),
            our,
            LOCAL.steps(train.count()),
            their));
    return new Figure("char_lm_loss_ratio", our / their, "", 1.02);
  }

  private static Samples text(String name) throws IOException {
    Path home = Path.of(System.getProperty("shardex.home", ""));
    return TextWindows.load(home.resolve("examples/char-lm").resolve(name), MODEL.window());
  }

  private static double loss(Parameters parameters, Samples test) {
    return Evaluation.of(new RoundModel(MODEL, 1, parameters), test).meanLoss();
  }

  private static Parameters ours(RoundModel start, Samples train) {
    try (Lanes one = Lanes.of(1)) {
      LocalTraining training = new LocalTraining(start, LOCAL, 0, train, one);
      while (training.step() < training.steps()) {
        if (!training.advance()) {
          throw new Broken("the reference arithmetic diverged at step " + training.step());
        }
      }
      return training.parameters();
    }
  }

  private static Parameters theirs(
      RoundModel start, Samples train, TorchTrainer libtorch, Path module)
      throws InterruptedException {
    TorchShard shard =
        new TorchShard(
            KernelFigures.languageTensors(),
            outputsFirst(start.parameters()),
            List.of(MODEL.window()),
            Reading.TEXT,
            MODEL.classes(),
            LOCAL,
            MODEL.seed(),
            0,
            0);
    TorchOutcome outcome =
        libtorch.train(shard, module, train, (step, steps, loss) -> {}, () -> false);
    if (!(outcome instanceof TorchOutcome.Trained trained)) {
      throw new Broken("libtorch did not train: " + outcome);
    }
    return inputsFirst(trained.parameters());
  }

  /** PyTorch has the weights of a dense layer as [outputs][inputs]. */
  private static Parameters outputsFirst(Parameters canonical) {
    return turned(canonical, Fan::inputs, Fan::outputs);
  }

  private static Parameters inputsFirst(Parameters theirs) {
    return turned(theirs, Fan::outputs, Fan::inputs);
  }

  /** The weights of every dense layer turned from [rows][columns] to [columns][rows]. */
  private static Parameters turned(
      Parameters from, ToIntFunction<Fan> rows, ToIntFunction<Fan> columns) {
    float[] to = new float[from.count()];
    int at = 0;
    for (Fan fan : MODEL.fans()) {
      int height = rows.applyAsInt(fan);
      int width = columns.applyAsInt(fan);
      for (int i = 0; i < fan.weights() + fan.biases(); i++) {
        boolean turns = fan.kind() == Kind.AFFINE && i < fan.weights();
        int place = turns ? i % width * height + i / width : i;
        to[at + place] = from.get(at + i);
      }
      at += fan.weights() + fan.biases();
    }
    return Parameters.of(to);
  }
}
