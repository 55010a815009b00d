package io.shardex.training.arithmetic;

import java.util.Arrays;

/**
 * Causal self-attention of several heads (Vaswani et al.: "Attention is all you need", 2017): a
 * token sees itself and those before it in its window. An input row holds queries, keys and values
 * of all heads, {@code 3 * width} floats, an output row the heads side by side. It has no
 * parameters; the projections are dense layers.
 */
final class CausalAttention extends Layer {
  private final int window;
  private final int width;
  private final int heads;
  private final int headWidth;
  private final float scale;

  /** Probabilities of a row i, [window * head][i][j]; those above the diagonal are never read. */
  private final float[][][] probabilities;

  CausalAttention(int window, int width, int heads, int batch) {
    super(batch * window, width);
    this.window = window;
    this.width = width;
    this.heads = heads;
    headWidth = width / heads;
    scale = (float) (1 / Math.sqrt(headWidth));
    probabilities = new float[batch * heads][window][window];
  }

  @Override
  void forward(float[][] x, int count, Lanes lanes) {
    lanes.split(
        count / window * heads,
        (from, to) -> {
          Head head = new Head();
          for (int h = from; h < to; h++) {
            head.forward(x, h);
          }
        });
  }

  @Override
  void backward(float[][] x, float[][] below, int count, Lanes lanes) {
    lanes.split(
        count / window * heads,
        (from, to) -> {
          Head head = new Head();
          for (int h = from; h < to; h++) {
            head.backward(x, below, h);
          }
        });
  }

  /** One head of one window at a time, with its working memory. */
  private final class Head {
    private final float[][] queries = new float[window][headWidth];
    private final float[][] keys = new float[window][headWidth];
    private final float[][] values = new float[window][headWidth];
    private final float[][] turned = new float[headWidth][window];
    private final float[][] sums = new float[window][headWidth];
    private final float[][] slopes = new float[window][window];
    private final float[][] turnedSquare = new float[window][window];
    private final double[] exponentials = new double[window];

    void forward(float[][] x, int number) {
      int row = number / heads * window;
      int column = number % heads * headWidth;
      float[][] p = probabilities[number];
      copy(x, row, column, queries);
      copy(x, row, width + column, keys);
      copy(x, row, 2 * width + column, values);
      Rows.transpose(keys, turned);
      clear(p);
      Products.add(p, 0, window, queries, turned, headWidth);
      for (int i = 0; i < window; i++) {
        softmax(p[i], i + 1, scale, exponentials);
      }
      clear(sums);
      Triangles.addLower(sums, p, values);
      write(sums, output, row, column);
    }

    void backward(float[][] x, float[][] below, int number) {
      int row = number / heads * window;
      int column = number % heads * headWidth;
      float[][] p = probabilities[number];
      copy(x, row, column, queries);
      copy(x, row, width + column, keys);
      copy(x, row, 2 * width + column, values);
      float[][] from = new float[window][headWidth];
      copy(delta, row, column, from);

      Rows.transpose(values, turned);
      clear(slopes);
      Products.add(slopes, 0, window, from, turned, headWidth);
      for (int i = 0; i < window; i++) {
        softmaxSlope(p[i], slopes[i], i + 1, scale);
      }
      clear(sums);
      Triangles.addLower(sums, slopes, keys);
      write(sums, below, row, column);
      Rows.transpose(slopes, turnedSquare);
      clear(sums);
      Triangles.addUpper(sums, turnedSquare, queries);
      write(sums, below, row, width + column);
      Rows.transpose(p, turnedSquare);
      clear(sums);
      Triangles.addUpper(sums, turnedSquare, from);
      write(sums, below, row, 2 * width + column);
    }
  }

  /** Softmax of the first {@code count} scores times {@code scale}, in place. */
  private static void softmax(float[] scores, int count, float scale, double[] exponentials) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < count; j++) {
      scores[j] = scores[j] * scale;
      max = Math.max(max, scores[j]);
    }
    double sum = 0;
    for (int j = 0; j < count; j++) {
      exponentials[j] = StrictMath.exp(scores[j] - max);
      sum += exponentials[j];
    }
    for (int j = 0; j < count; j++) {
      scores[j] = (float) (exponentials[j] / sum);
    }
  }

  /**
   * {@code slopes = p * (slopes - sum of p * slopes) * scale}, the first {@code count}, in place.
   */
  private static void softmaxSlope(float[] p, float[] slopes, int count, float scale) {
    float dot = 0;
    for (int j = 0; j < count; j++) {
      dot = dot + p[j] * slopes[j];
    }
    for (int j = 0; j < count; j++) {
      slopes[j] = p[j] * (slopes[j] - dot) * scale;
    }
  }

  private static void clear(float[][] rows) {
    for (float[] row : rows) {
      Arrays.fill(row, 0f);
    }
  }

  private static void copy(float[][] from, int row, int column, float[][] to) {
    for (int i = 0; i < to.length; i++) {
      System.arraycopy(from[row + i], column, to[i], 0, to[i].length);
    }
  }

  private static void write(float[][] from, float[][] to, int row, int column) {
    for (int i = 0; i < from.length; i++) {
      System.arraycopy(from[i], 0, to[row + i], column, from[i].length);
    }
  }
}
