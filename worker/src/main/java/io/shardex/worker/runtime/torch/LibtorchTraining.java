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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

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

  /** A challenge's chain on the same device. */
  LibtorchChain chain() {
    return new LibtorchChain(engine);
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

    /** Whether the state is to be told; asked after each step but the last. */
    boolean wantsState();

    /** A state follows, in parts. */
    void reached(int step, double lossSum) throws IOException;

    /** The next part of the state. */
    void holding(float[] values) throws IOException;
  }

  /**
   * A parameter that is trained.
   *
   * @param slots what the rule remembers of it
   */
  private record Trained(Tensor tensor, NDArray values, List<NDArray> slots) {}

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
    // A module may draw as it is loaded; in a process that trained before it draws the same.
    engine.setRandomSeed(seed(job.shard(), 0));
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
    NDManager manager = model.getNDManager();
    List<Trained> parameters = parameters(model.getBlock(), shard, manager);
    write(shard.base(), parameters.stream().map(Trained::values).toList());
    job.from().ifPresent(from -> write(from.values(), state(parameters)));
    Rule rule = Rule.of(local);
    ParameterStore store = new ParameterStore(manager, false);
    enterTrainingMode(model.getBlock(), store, manager, job);
    int stepsPerEpoch = Math.ceilDiv(count, local.batchSize());
    double lossSum = job.from().map(TorchState::lossSum).orElse(0.0);
    int[] order = {};
    for (int done = job.begin(); done < job.steps(); done++) {
      int epoch = done / stepsPerEpoch;
      int at = done % stepsPerEpoch * local.batchSize();
      if (at == 0 || done == job.begin()) {
        order = SampleOrder.of(shard.seed(), shard.round(), shard.shard(), epoch, count);
      }
      int batch = Math.min(local.batchSize(), count - at);
      int step = done + 1;
      engine.setRandomSeed(seed(shard, step));
      try (NDManager scope = manager.newSubManager()) {
        Batch samples = Batch.of(scope, shard, job.samples(), order, at, batch);
        lossSum += batch * shard.labels() * (double) gradients(model.getBlock(), store, samples);
        if (!Double.isFinite(lossSum)) {
          return new TorchOutcome.Diverged(step);
        }
        update(rule, step, parameters);
      }
      told.stepped(
          step, job.steps(), lossSum / (((double) epoch * count + at + batch) * shard.labels()));
      if (step < job.steps() && told.wantsState()) {
        tell(told, step, lossSum, parameters);
      }
    }
    Parameters trained = read(shard, parameters);
    return trained.finite()
        ? new TorchOutcome.Trained(trained, job.steps(), lossSum)
        : new TorchOutcome.Diverged(job.steps());
  }

  /**
   * libtorch reads a module in inference mode, and the binding takes it for one in training mode
   * until it was in the other. Without this no dropout drops, and batch norm uses its running
   * means.
   */
  private static void enterTrainingMode(
      Block module, ParameterStore store, NDManager manager, TorchJob job) {
    try (NDManager scope = manager.newSubManager()) {
      Batch one = Batch.of(scope, job.shard(), job.samples(), new int[] {0}, 0, 1);
      NDList unused = module.forward(store, new NDList(one.inputs()), false);
    }
  }

  private static void tell(Steps told, int step, double lossSum, List<Trained> parameters)
      throws IOException {
    told.reached(step, lossSum);
    for (NDArray values : state(parameters)) {
      told.holding(values.toFloatArray());
    }
  }

  /** All parameters, then each slot of all. */
  private static List<NDArray> state(List<Trained> parameters) {
    List<NDArray> state = new ArrayList<>();
    parameters.forEach(parameter -> state.add(parameter.values()));
    for (int i = 0; i < parameters.getFirst().slots().size(); i++) {
      for (Trained parameter : parameters) {
        state.add(parameter.slots().get(i));
      }
    }
    return state;
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

  private static void update(Rule rule, int step, List<Trained> parameters) {
    for (Trained parameter : parameters) {
      try (NDArray gradient = parameter.values().getGradient()) {
        rule.update(step, parameter.values(), parameter.slots(), gradient);
      }
    }
  }

  /** What the shard names, in its order; all other parameters stay as the module has them. */
  private static List<Trained> parameters(Block module, TorchShard shard, NDManager manager)
      throws Misfit {
    Map<String, Parameter> found = new TreeMap<>();
    for (Pair<String, Parameter> parameter : module.getParameters()) {
      found.put(parameter.getKey(), parameter.getValue());
    }
    List<Trained> named = new ArrayList<>();
    for (Tensor tensor : shard.tensors()) {
      Parameter parameter = found.remove(tensor.name());
      if (parameter == null) {
        throw new Misfit(
            "expected the module to have a parameter %s, but beside the ones before it has %s"
                .formatted(tensor.name(), found.keySet()));
      }
      requireShape(tensor, parameter.getArray());
      named.add(new Trained(tensor, parameter.getArray(), slots(tensor, shard, manager)));
    }
    found.values().forEach(parameter -> parameter.freeze(true));
    return named;
  }

  private static List<NDArray> slots(Tensor tensor, TorchShard shard, NDManager manager) {
    Shape shape = new Shape(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    return Stream.generate(() -> manager.zeros(shape))
        .limit(TorchShard.slots(shard.local()))
        .toList();
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

  private static void write(Parameters from, List<NDArray> arrays) {
    int at = 0;
    for (NDArray array : arrays) {
      float[] values = new float[Math.toIntExact(array.size())];
      from.copyTo(at, values);
      array.set(values);
      at += values.length;
    }
  }

  private static Parameters read(TorchShard shard, List<Trained> parameters) {
    FloatBuffer all = FloatBuffer.allocate(shard.base().count());
    parameters.forEach(parameter -> all.put(parameter.values().toFloatArray()));
    return Parameters.of(all.array());
  }

  /**
   * Of what libtorch draws in a step, so that whoever goes on from a state draws the same. Any
   * mixture does: it only has to differ between shards, rounds and steps.
   */
  private static int seed(TorchShard shard, int step) {
    return Long.hashCode(
        (shard.seed() * 0x9E3779B97F4A7C15L + shard.round() * 0x1_0000_0001L + shard.shard())
                * 0xBF58476D1CE4E5B9L
            + step * 0x94D049BB133111EBL);
  }
}
