package io.shardex.training.arithmetic;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A multilayer perceptron at work: parameters, momentum and the memory of one batch. */
final class Network {
  private final ModelSpec.Mlp model;
  private final List<DenseLayer> layers = new ArrayList<>();
  private final float[] scale = InputScaling.table();
  private final float[][] input;
  private final double[] exponentials;
  private final Lanes lanes;

  Network(ModelSpec.Mlp model, Parameters parameters, int batch, Lanes lanes) {
    this.model = model;
    this.lanes = lanes;
    input = new float[batch][model.inputs()];
    exponentials = new double[model.classes()];
    int index = 0;
    for (int i = 1; i < model.layers().size(); i++) {
      DenseLayer layer = new DenseLayer(model.layers().get(i - 1), model.layers().get(i), batch);
      index = layer.load(parameters, index);
      layers.add(layer);
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
    for (DenseLayer layer : layers) {
      layer.forward(x, count, lanes);
      x = layer.output;
      if (layer != layers.getLast()) {
        rectify(x, count);
      }
    }
    return x;
  }

  private static void rectify(float[][] rows, int count) {
    for (int i = 0; i < count; i++) {
      Rows.rectify(rows[i]);
    }
  }

  /** Adds the loss of the samples last passed forward to {@code sum}, in order; sets the deltas. */
  double addLoss(double sum, Samples samples, int[] order, int at, int count) {
    DenseLayer last = layers.getLast();
    float meanOf = 1f / count;
    for (int i = 0; i < count; i++) {
      int label = samples.label(order[at + i]);
      sum += SoftmaxLoss.of(last.output[i], label, meanOf, last.delta[i], exponentials);
    }
    return sum;
  }

  /** Takes one step against the mean gradient of the samples whose loss was last added. */
  void backward(int count, LocalSpec.Sgd sgd) {
    for (int l = layers.size() - 1; l >= 0; l--) {
      DenseLayer layer = layers.get(l);
      float[][] x = input;
      if (l > 0) {
        DenseLayer below = layers.get(l - 1);
        x = below.output;
        layer.backward(below.delta, count, lanes);
        keepActive(below, count);
      }
      layer.update(x, count, sgd.learningRate(), sgd.momentum(), lanes);
    }
  }

  private static void keepActive(DenseLayer layer, int count) {
    for (int i = 0; i < count; i++) {
      Rows.keepActive(layer.delta[i], layer.output[i]);
    }
  }

  /** Whether no parameter and no momentum is NaN or infinite. */
  boolean finite() {
    return layers.stream().allMatch(DenseLayer::finite);
  }

  Parameters parameters() {
    FloatBuffer values = FloatBuffer.allocate(model.parameterCount());
    layers.forEach(layer -> layer.writeParameters(values));
    return Parameters.of(values.array());
  }

  /** Bytes of {@link #writeState}. */
  int stateBytes() {
    return 2 * model.parameterCount() * Float.BYTES;
  }

  /** Writes parameters, then momentum, in canonical order. */
  void writeState(ByteBuffer target) {
    FloatBuffer floats = target.asFloatBuffer();
    layers.forEach(layer -> layer.writeParameters(floats));
    layers.forEach(layer -> layer.writeVelocity(floats));
    target.position(target.position() + floats.position() * Float.BYTES);
  }
}
