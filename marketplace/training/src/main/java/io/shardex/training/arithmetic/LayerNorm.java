package io.shardex.training.arithmetic;

import java.util.List;

/**
 * Layer normalisation (Ba, Kiros, Hinton: "Layer normalization", 2016): {@code output = n * gain +
 * bias} with {@code n = (x - mean) / sqrt(variance + 1e-5)} of the row itself. Mean, variance and
 * quotient are binary64, n is rounded once.
 */
final class LayerNorm extends Layer {
  private static final double EPSILON = 1e-5;

  private final int width;
  private final ParameterRows gain;
  private final ParameterRows bias;
  private final float[][] normal;
  private final double[] inverse;

  LayerNorm(int width, int rows, int slots) {
    super(rows, width);
    this.width = width;
    gain = new ParameterRows(1, width, slots);
    bias = new ParameterRows(1, width, slots);
    normal = new float[rows][width];
    inverse = new double[rows];
  }

  @Override
  List<ParameterRows> parameters() {
    return List.of(gain, bias);
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            inverse[i] = normalize(x[i], normal[i]);
            scale(normal[i], gain.row(0), bias.row(0), output[i]);
          }
        });
  }

  /** Returns one by the deviation. */
  private static double normalize(float[] x, float[] normal) {
    double sum = 0;
    for (float value : x) {
      sum += value;
    }
    double mean = sum / x.length;
    double squares = 0;
    for (float value : x) {
      double distance = value - mean;
      squares += distance * distance;
    }
    double inverse = 1 / Math.sqrt(squares / x.length + EPSILON);
    for (int j = 0; j < x.length; j++) {
      normal[j] = (float) ((x[j] - mean) * inverse);
    }
    return inverse;
  }

  private static void scale(float[] normal, float[] gain, float[] bias, float[] to) {
    for (int j = 0; j < to.length; j++) {
      to[j] = normal[j] * gain[j] + bias[j];
    }
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            backward(delta[i], gain.row(0), normal[i], inverse[i], below[i]);
          }
        });
  }

  /** {@code below = (g - mean of g - n * mean of g * n) * inverse}, g = delta * gain. */
  private static void backward(
      float[] delta, float[] gain, float[] normal, double inverse, float[] below) {
    double sum = 0;
    double dot = 0;
    for (int j = 0; j < delta.length; j++) {
      float g = delta[j] * gain[j];
      sum += g;
      dot += (double) g * normal[j];
    }
    double mean = sum / delta.length;
    double share = dot / delta.length;
    for (int j = 0; j < delta.length; j++) {
      float g = delta[j] * gain[j];
      below[j] = (float) ((g - mean - normal[j] * share) * inverse);
    }
  }

  @Override
  void update(float[][] x, int count, Optimizer optimizer, Lanes lanes) {
    float[] gainGradient = new float[width];
    for (int i = 0; i < count; i++) {
      addProducts(gainGradient, delta[i], normal[i]);
    }
    optimizer.move(gain, 0, gainGradient);
    float[] biasGradient = new float[width];
    Rows.addAll(biasGradient, delta, count);
    optimizer.move(bias, 0, biasGradient);
  }

  private static void addProducts(float[] sum, float[] delta, float[] normal) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] = sum[j] + delta[j] * normal[j];
    }
  }
}
