package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** A model at work: its layers with parameters, optimiser slots and the memory of one batch. */
final class Network {
  private final ModelSpec model;
  private final int slots;
  private final List<Layer> layers;
  private final List<ParameterRows> parameters;
  private final float[] scale;
  private final float[][] input;
  private final Lanes lanes;

  /**
   * A network at these parameters.
   *
   * @param model one of the agreed arithmetic; {@link IllegalArgumentException} for another
   * @param slots optimiser slots of a parameter, 0 where nothing is trained
   */
  Network(ModelSpec model, Parameters start, int batch, int slots, Lanes lanes) {
    this.model = model;
    this.slots = slots;
    this.lanes = lanes;
    scale = InputScaling.table(model);
    input = new float[batch][model.inputs()];
    layers = LayerStack.of(model.layered(), batch, slots);
    parameters = layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    int index = 0;
    for (ParameterRows rows : parameters) {
      index = rows.load(start, index);
    }
  }

  /** Logits of {@code count} samples, {@code order[at]} and the following, [batch][classes]. */
  float[][] forward(Samples samples, int[] order, int at, int count) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            samples.scaleInto(order[at + i], scale, input[i]);
          }
        });
    float[][] x = input;
    int rows = count;
    for (Layer layer : layers) {
      layer.forward(x, rows, lanes);
      rows = layer.rows(rows);
      x = layer.output;
    }
    return x;
  }

  /** Adds the loss of the samples last passed forward to {@code sum}, in order; sets the deltas. */
  double addLoss(double sum, Samples samples, int[] order, int at, int count) {
    float[][] logits = layers.getLast().output;
    float[][] delta = layers.getLast().delta;
    int labels = model.labels();
    float meanOf = 1f / (count * labels);
    double[] losses = new double[count * labels];
    lanes.split(
        losses.length,
        (from, to) -> {
          double[] exponentials = new double[model.classes()];
          for (int i = from; i < to; i++) {
            int label = samples.label(order[at + i / labels], i % labels);
            losses[i] = SoftmaxLoss.of(logits[i], label, meanOf, delta[i], exponentials);
          }
        });
    for (double loss : losses) {
      sum += loss;
    }
    return sum;
  }

  /** Takes one step against the mean gradient of the samples whose loss was last added. */
  void backward(int count, Optimizer optimizer) {
    optimizer.begin();
    for (int l = layers.size() - 1; l > 0; l--) {
      Layer below = layers.get(l - 1);
      int rows = count * model.labels();
      layers.get(l).backward(below.output, below.delta, rows, lanes);
      layers.get(l).update(below.output, rows, optimizer, lanes);
    }
    layers.getFirst().update(input, count, optimizer, lanes);
  }

  /** Whether no parameter and no optimiser slot is NaN or infinite. */
  boolean finite() {
    return parameters.stream().allMatch(ParameterRows::finite);
  }

  Parameters parameters() {
    FloatBuffer values = FloatBuffer.allocate(model.parameterCount());
    parameters.forEach(rows -> rows.writeTo(values));
    return Parameters.of(values.array());
  }

  /** Bytes of {@link #writeState}. */
  int stateBytes() {
    return (1 + slots) * model.parameterCount() * Float.BYTES;
  }

  /** Writes parameters, then each slot of all of them, in canonical order. */
  void writeState(ByteBuffer target) {
    FloatBuffer floats = target.asFloatBuffer();
    parameters.forEach(rows -> rows.writeTo(floats));
    for (int slot = 0; slot < slots; slot++) {
      for (ParameterRows rows : parameters) {
        rows.writeSlotTo(slot, floats);
      }
    }
    target.position(target.position() + floats.position() * Float.BYTES);
  }

  /** Takes the parameters and slots that {@link #writeState} wrote. */
  void readState(ByteBuffer source) {
    FloatBuffer floats = source.asFloatBuffer();
    parameters.forEach(rows -> rows.readFrom(floats));
    for (int slot = 0; slot < slots; slot++) {
      for (ParameterRows rows : parameters) {
        rows.readSlotFrom(slot, floats);
      }
    }
    source.position(source.position() + floats.position() * Float.BYTES);
  }
}
