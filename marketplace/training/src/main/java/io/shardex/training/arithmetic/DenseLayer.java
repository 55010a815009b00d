package io.shardex.training.arithmetic;

import io.shardex.training.model.Parameters;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A fully connected layer with its momentum and its working memory for one batch: {@code output = x
 * * weights + bias}.
 */
final class DenseLayer {
  /**
   * Below this many outputs a row is too short to vectorise along, and the transposed form is used.
   */
  private static final int NARROW = 32;

  private static final int ROWS_AT_A_TIME = 16;

  private final int inputs;
  private final int outputs;
  private final float[][] weights;
  private final float[] bias;
  private final float[][] weightVelocity;
  private final float[] biasVelocity;
  private final float[][] transposed;
  private final float[][] transposedGradient;

  /** Result of the last forward pass, [batch][outputs]. */
  final float[][] output;

  /** Derivative of the loss by the output, [batch][outputs]; whoever knows it writes it here. */
  final float[][] delta;

  DenseLayer(int inputs, int outputs, int batch) {
    this.inputs = inputs;
    this.outputs = outputs;
    weights = new float[inputs][outputs];
    bias = new float[outputs];
    weightVelocity = new float[inputs][outputs];
    biasVelocity = new float[outputs];
    transposed = new float[outputs][inputs];
    transposedGradient = new float[narrow() ? outputs : 0][inputs];
    output = new float[batch][outputs];
    delta = new float[batch][outputs];
  }

  private boolean narrow() {
    return outputs < NARROW;
  }

  /** Takes its parameters from a canonical index on and returns the index behind them. */
  int load(Parameters parameters, int index) {
    for (float[] row : weights) {
      parameters.copyTo(index, row);
      index += outputs;
    }
    parameters.copyTo(index, bias);
    return index + outputs;
  }

  /** Writes the parameters in canonical order. */
  void writeParameters(FloatBuffer target) {
    write(weights, bias, target);
  }

  /** Writes the momentum in canonical order. */
  void writeVelocity(FloatBuffer target) {
    write(weightVelocity, biasVelocity, target);
  }

  private static void write(float[][] rows, float[] last, FloatBuffer target) {
    for (float[] row : rows) {
      target.put(row);
    }
    target.put(last);
  }

  boolean finite() {
    return Rows.finite(bias)
        && Rows.finite(biasVelocity)
        && Arrays.stream(weights).allMatch(Rows::finite)
        && Arrays.stream(weightVelocity).allMatch(Rows::finite);
  }

  /** Computes {@link #output} for the first {@code count} rows of x. */
  void forward(float[][] x, int count, Lanes lanes) {
    if (narrow()) {
      Rows.transpose(weights, transposed);
    }
    lanes.split(count, (from, to) -> forward(x, from, to));
  }

  private void forward(float[][] x, int from, int to) {
    for (int i = from; i < to; i++) {
      System.arraycopy(bias, 0, output[i], 0, outputs);
    }
    if (narrow()) {
      for (int i = from; i < to; i++) {
        Rows.addDots(output[i], x[i], transposed);
      }
    } else {
      Rows.addProduct(output, from, to, x, weights, inputs);
    }
  }

  /**
   * Writes the derivative by the input, {@code delta * weights transposed}, into {@code target}.
   */
  void backward(float[][] target, int count, Lanes lanes) {
    if (!narrow()) {
      Rows.transpose(weights, transposed);
    }
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Arrays.fill(target[i], 0f);
          }
          Rows.addProduct(target, from, to, delta, transposed, outputs);
        });
  }

  /** Takes one step against the gradient {@code x transposed * delta}. */
  void update(float[][] x, int count, float rate, float momentum, Lanes lanes) {
    if (narrow()) {
      lanes.split(outputs, (from, to) -> transposedGradient(x, count, from, to));
      float[][] gradient = new float[inputs][outputs];
      Rows.transpose(transposedGradient, gradient);
      for (int k = 0; k < inputs; k++) {
        Rows.update(weights[k], weightVelocity[k], gradient[k], rate, momentum);
      }
    } else {
      lanes.split(inputs, (from, to) -> updateRows(x, count, from, to, rate, momentum));
    }
    float[] gradient = new float[outputs];
    Rows.addAll(gradient, delta, count);
    Rows.update(bias, biasVelocity, gradient, rate, momentum);
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
  private void updateRows(float[][] x, int count, int from, int to, float rate, float momentum) {
    for (int k = from; k < to; k += ROWS_AT_A_TIME) {
      int rows = Math.min(ROWS_AT_A_TIME, to - k);
      float[][] factors = new float[rows][count];
      float[][] gradient = new float[rows][outputs];
      Rows.columns(x, count, k, factors);
      Rows.addProduct(gradient, 0, rows, factors, delta, count);
      for (int r = 0; r < rows; r++) {
        Rows.update(weights[k + r], weightVelocity[k + r], gradient[r], rate, momentum);
      }
    }
  }
}
