package io.shardex.training.arithmetic;

import java.util.Arrays;
import java.util.List;

/** A fully connected layer: {@code output = x * weights + bias}, weights [inputs][outputs]. */
final class DenseLayer extends Layer {
  /**
   * Below this many outputs a row is too short to vectorise along, and the transposed form is used.
   */
  private static final int NARROW = 32;

  private static final int ROWS_AT_A_TIME = 16;

  private final int inputs;
  private final int outputs;
  private final ParameterRows weights;
  private final ParameterRows bias;
  private final float[][] transposed;
  private final float[][] transposedGradient;

  DenseLayer(int inputs, int outputs, int batch, int slots) {
    super(batch, outputs);
    this.inputs = inputs;
    this.outputs = outputs;
    weights = new ParameterRows(inputs, outputs, slots);
    bias = new ParameterRows(1, outputs, slots);
    transposed = new float[outputs][inputs];
    transposedGradient = new float[narrow() ? outputs : 0][inputs];
  }

  private boolean narrow() {
    return outputs < NARROW;
  }

  @Override
  List<ParameterRows> parameters() {
    return List.of(weights, bias);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    if (narrow()) {
      Rows.transpose(weights.values(), transposed);
    }
    lanes.split(count, (from, to) -> forward(x, from, to));
  }

  private void forward(float[][] x, int from, int to) {
    for (int i = from; i < to; i++) {
      System.arraycopy(bias.row(0), 0, output[i], 0, outputs);
    }
    if (narrow()) {
      for (int i = from; i < to; i++) {
        Rows.addDots(output[i], x[i], transposed);
      }
    } else {
      Rows.addProduct(output, from, to, x, weights.values(), inputs);
    }
  }

  /** {@code below = delta * weights transposed}. */
  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    if (!narrow()) {
      Rows.transpose(weights.values(), transposed);
    }
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Arrays.fill(below[i], 0f);
          }
          Rows.addProduct(below, from, to, delta, transposed, outputs);
        });
  }

  /** Takes one step against the gradient {@code x transposed * delta}. */
  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    if (narrow()) {
      lanes.split(outputs, (from, to) -> transposedGradient(x, count, from, to));
      float[][] gradient = new float[inputs][outputs];
      Rows.transpose(transposedGradient, gradient);
      for (int k = 0; k < inputs; k++) {
        optimizer.move(weights, k, gradient[k]);
      }
    } else {
      lanes.split(inputs, (from, to) -> updateRows(x, count, from, to, optimizer));
    }
    float[] gradient = new float[outputs];
    Rows.addAll(gradient, delta, count);
    optimizer.move(bias, 0, gradient);
  }

  private void transposedGradient(float[][] x, int count, int from, int to) {
    float[][] factors = new float[outputs][count];
    Rows.columns(delta, count, 0, factors);
    for (int j = from; j < to; j++) {
      Arrays.fill(transposedGradient[j], 0f);
    }
    Rows.addProduct(transposedGradient, from, to, factors, x, count);
  }

  /** Gradient and step of some rows at a time, so that both stay in the cache. */
  private void updateRows(float[][] x, int count, int from, int to, Optimizer optimizer) {
    for (int k = from; k < to; k += ROWS_AT_A_TIME) {
      int rows = Math.min(ROWS_AT_A_TIME, to - k);
      float[][] factors = new float[rows][count];
      float[][] gradient = new float[rows][outputs];
      Rows.columns(x, count, k, factors);
      Rows.addProduct(gradient, 0, rows, factors, delta, count);
      for (int r = 0; r < rows; r++) {
        optimizer.move(weights, k + r, gradient[r]);
      }
    }
  }
}
