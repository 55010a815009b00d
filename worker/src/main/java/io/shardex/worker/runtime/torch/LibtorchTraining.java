package io.shardex.worker.runtime.torch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import ai.djl.util.Pair;
import io.shardex.training.arithmetic.InputScaling;
import io.shardex.training.arithmetic.SampleOrder;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import io.shardex.worker.runtime.torch.TorchOutcome.Fault;
import io.shardex.worker.runtime.torch.TorchShard.Reading;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Trains modules by libtorch, in this process. Inside the child only. */
final class LibtorchTraining {
  private static final float[] PIXELS = InputScaling.pixels();
  private static final float[] BYTES = bytes();

  private final Engine engine;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();

  private static float[] bytes() {
    float[] table = new float[256];
    for (int x = 0; x < table.length; x++) {
      table[x] = x;
    }
    return table;
  }

  private LibtorchTraining(Engine engine) {
    this.engine = engine;
  }

  /** Loads libtorch, which takes some seconds. */
  static LibtorchTraining open() {
    return new LibtorchTraining(Engine.getEngine("PyTorch"));
  }

  String version() {
    return engine.getVersion();
  }

  /** What it computes on: {@code cpu}, {@code gpu}. */
  String device() {
    return engine.defaultDevice().getDeviceType();
  }

  /** Hears of steps, and may fail to tell them. */
  interface Steps {
    void stepped(int step, int steps, double meanLoss) throws IOException;
  }

  /** The module cannot be trained as the shard says. */
  private static final class Misfit extends Exception {
    private static final long serialVersionUID = 1;

    Misfit(String message) {
      super(message);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  /**
   * Trains a shard and removes the module's file once it is read.
   *
   * @throws IOException when the steps cannot be told
   */
  TorchOutcome train(TorchJob job, Steps steps) throws IOException {
    try (Model model = Model.newInstance("module", engine.getEngineName())) {
      load(model, Path.of(job.module()));
      return train(model, job, steps);
    } catch (Misfit e) {
      return failed(e.getMessage());
    } catch (EngineException e) {
      return failed("libtorch: " + e.getMessage());
    } catch (OutOfMemoryError e) {
      return failed("its memory does not suffice: " + e.getMessage());
    }
  }

  private static TorchOutcome failed(String reason) {
    return new TorchOutcome.Failed(Fault.MODEL, Words.bounded(reason));
  }

  private static void load(Model model, Path module) throws IOException, Misfit {
    try {
      model.load(module.getParent(), module.getFileName().toString(), Map.of("trainParam", "true"));
    } catch (MalformedModelException e) {
      throw new Misfit("libtorch cannot read the module: " + e.getMessage());
    } finally {
      Files.deleteIfExists(module);
    }
  }

  private TorchOutcome train(Model model, TorchJob job, Steps told) throws IOException, Misfit {
    TorchShard shard = job.shard();
    LocalSpec local = shard.local();
    int count = job.samples().count();
    Map<Tensor, Parameter> parameters = parameters(model.getBlock(), shard);
    NDManager manager = model.getNDManager();
    write(shard, parameters);
    engine.setRandomSeed(seed(shard));
    Rule rule = Rule.of(local, manager);
    ParameterStore store = new ParameterStore(manager, false);
    int steps = local.steps(count);
    int step = 0;
    double lossSum = 0;
    for (int epoch = 0; epoch < local.epochs(); epoch++) {
      int[] order = SampleOrder.of(shard.seed(), shard.round(), shard.shard(), epoch, count);
      for (int at = 0; at < count; at += local.batchSize()) {
        int batch = Math.min(local.batchSize(), count - at);
        step++;
        try (NDManager scope = manager.newSubManager()) {
          Batch samples = Batch.of(scope, shard, job.samples(), order, at, batch);
          lossSum += batch * shard.labels() * (double) gradients(model.getBlock(), store, samples);
          if (!Double.isFinite(lossSum)) {
            return new TorchOutcome.Diverged(step);
          }
          update(rule, parameters);
        }
        told.stepped(
            step, steps, lossSum / (((double) epoch * count + at + batch) * shard.labels()));
      }
    }
    Parameters trained = read(shard, parameters);
    return trained.finite()
        ? new TorchOutcome.Trained(trained, steps, lossSum)
        : new TorchOutcome.Diverged(steps);
  }

  /** A batch's samples and labels, as libtorch has them, and the shape of what it is to answer. */
  private record Batch(NDArray inputs, NDArray labels, Shape answer) {
    static Batch of(
        NDManager scope, TorchShard shard, Samples samples, int[] order, int at, int count) {
      float[] scale = shard.reading() == Reading.TEXT ? BYTES : PIXELS;
      float[] row = new float[samples.width()];
      FloatBuffer inputs = FloatBuffer.allocate(count * row.length);
      float[] labels = new float[count * shard.labels()];
      for (int i = 0; i < count; i++) {
        samples.scaleInto(order[at + i], scale, row);
        inputs.put(row);
      }
      for (int i = 0; i < labels.length; i++) {
        labels[i] = samples.label(order[at + i / shard.labels()], i % shard.labels());
      }
      Shape shape =
          new Shape(
              LongStream.concat(
                      LongStream.of(count), shard.input().stream().mapToLong(Integer::longValue))
                  .toArray());
      Shape answer =
          shard.reading() == Reading.TEXT
              ? new Shape(count, shard.labels(), shard.classes())
              : new Shape(count, shard.classes());
      return new Batch(scope.create(inputs.flip(), shape), scope.create(labels), answer);
    }
  }

  /** Leaves the parameters' gradients of the mean loss, which it returns. */
  private float gradients(Block module, ParameterStore store, Batch batch) throws Misfit {
    try (GradientCollector collector = engine.newGradientCollector()) {
      NDList answers = module.forward(store, new NDList(batch.inputs()), true);
      if (answers.size() != 1
          || !answers.singletonOrThrow().getShape().equals(batch.answer())
          || answers.singletonOrThrow().getDataType() != DataType.FLOAT32) {
        throw new Misfit(
            "expected forward to return one float32 tensor of %s, but it returned %s"
                .formatted(
                    batch.answer(),
                    answers.stream()
                        .map(answer -> answer.getDataType() + " " + answer.getShape())
                        .toList()));
      }
      NDArray logits =
          answers.singletonOrThrow().reshape(batch.labels().size(), batch.answer().tail());
      NDArray mean = loss.evaluate(new NDList(batch.labels()), new NDList(logits));
      collector.backward(mean);
      return mean.getFloat();
    }
  }

  private static void update(Rule rule, Map<Tensor, Parameter> parameters) {
    parameters.forEach(
        (tensor, parameter) -> {
          NDArray values = parameter.getArray();
          try (NDArray gradient = values.getGradient()) {
            rule.update(tensor.name(), values, gradient);
          }
        });
  }

  /** What the shard names, in its order; all other parameters stay as the module has them. */
  private static Map<Tensor, Parameter> parameters(Block module, TorchShard shard) throws Misfit {
    Map<String, Parameter> found = new TreeMap<>();
    for (Pair<String, Parameter> parameter : module.getParameters()) {
      found.put(parameter.getKey(), parameter.getValue());
    }
    Map<Tensor, Parameter> named = new LinkedHashMap<>();
    for (Tensor tensor : shard.tensors()) {
      Parameter parameter = found.remove(tensor.name());
      if (parameter == null) {
        throw new Misfit(
            "expected the module to have a parameter %s, but beside the ones before it has %s"
                .formatted(tensor.name(), found.keySet()));
      }
      requireShape(tensor, parameter.getArray());
      named.put(tensor, parameter);
    }
    found.values().forEach(parameter -> parameter.freeze(true));
    return named;
  }

  private static void requireShape(Tensor tensor, NDArray array) throws Misfit {
    List<Long> shape = LongStream.of(array.getShape().getShape()).boxed().toList();
    if (!shape.equals(tensor.shape().stream().map(Integer::longValue).toList())
        || array.getDataType() != DataType.FLOAT32) {
      throw new Misfit(
          "expected parameter %s to be float32 of shape %s, but in the module it is %s of %s"
              .formatted(tensor.name(), tensor.shape(), array.getDataType(), shape));
    }
  }

  private static void write(TorchShard shard, Map<Tensor, Parameter> parameters) {
    int at = 0;
    for (Map.Entry<Tensor, Parameter> parameter : parameters.entrySet()) {
      float[] values = new float[parameter.getKey().count()];
      shard.base().copyTo(at, values);
      parameter.getValue().getArray().set(values);
      at += values.length;
    }
  }

  private static Parameters read(TorchShard shard, Map<Tensor, Parameter> parameters) {
    FloatBuffer all = FloatBuffer.allocate(shard.base().count());
    parameters.values().forEach(parameter -> all.put(parameter.getArray().toFloatArray()));
    return Parameters.of(all.array());
  }

  /** Any mixture does: it only has to differ between shards and rounds. */
  private static int seed(TorchShard shard) {
    return Long.hashCode(
        shard.seed() * 0x9E3779B97F4A7C15L + shard.round() * 0x1_0000_0001L + shard.shard());
  }
}
