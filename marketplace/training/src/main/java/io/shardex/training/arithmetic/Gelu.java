package io.shardex.training.arithmetic;

/**
 * GELU in its tanh form (Hendrycks, Gimpel: "Gaussian error linear units", 2016): {@code x / 2 * (1
 * + t)}, {@code t = tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))}. The argument is binary32, t is
 * fdlibm's tanh in binary64 rounded once.
 */
final class Gelu extends Layer {
  private static final float ROOT = 0.7978846f; // sqrt(2 / pi)
  private static final float CUBE = 0.044715f;

  private final float[][] tanh;

  Gelu(int width, int rows) {
    super(rows, width);
    tanh = new float[rows][width];
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            forward(x[i], tanh[i], output[i]);
          }
        });
  }

  private static void forward(float[] x, float[] tanh, float[] output) {
    for (int j = 0; j < x.length; j++) {
      tanh[j] = ROOT * (x[j] + CUBE * (x[j] * x[j] * x[j]));
    }
    for (int j = 0; j < x.length; j++) {
      tanh[j] = (float) StrictMath.tanh(tanh[j]);
    }
    for (int j = 0; j < x.length; j++) {
      output[j] = 0.5f * x[j] * (1 + tanh[j]);
    }
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            backward(x[i], tanh[i], delta[i], below[i]);
          }
        });
  }

  /** Slope: {@code (1 + t) / 2 + x / 2 * (1 - t^2) * sqrt(2 / pi) * (1 + 3 * 0.044715 * x^2)}. */
  private static void backward(float[] x, float[] tanh, float[] delta, float[] below) {
    for (int j = 0; j < x.length; j++) {
      float t = tanh[j];
      float inner = ROOT * (1 + 3 * CUBE * (x[j] * x[j]));
      float slope = 0.5f * (1 + t) + 0.5f * x[j] * (1 - t * t) * inner;
      below[j] = delta[j] * slope;
    }
  }
}
