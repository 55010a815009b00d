package io.shardex.training.arithmetic;

/** What is done row by row on matrices of one array a row, element by element. */
final class Rows {
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Rows() {}

  /** {@code sum += rows[i]}, i = 0 to count - 1. */
  static void addAll(float[] sum, float[][] rows, int count) {
    for (int i = 0; i < count; i++) {
      add(sum, rows[i]);
    }
  }

  static void add(float[] sum, float[] row) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] = sum[j] + row[j];
    }
  }

  /** {@code row = max(row, +0)}: NaN stays NaN. */
  static void rectify(float[] row) {
    for (int j = 0; j < row.length; j++) {
      row[j] = Math.max(row[j], 0f);
    }
  }

  /**
   * Keeps {@code delta} where the activation is greater than 0, else +0. A branch on the activation
   * would be foretold wrong half of the time.
   */
  static void keepActive(float[] delta, float[] activation) {
    for (int j = 0; j < delta.length; j++) {
      int kept = Float.floatToRawIntBits(delta[j]) & ifPositive(activation[j]);
      delta[j] = Float.intBitsToFloat(kept);
    }
  }

  /** All ones where the value is greater than 0, else, NaN included, 0. */
  private static int ifPositive(float value) {
    int bits = Float.floatToRawIntBits(value);
    int aboveZero = (-bits >> 31) & ~(bits >> 31);
    int notNan = (bits - 1 - INFINITY) >> 31;
    return aboveZero & notNan;
  }

  /** {@code velocity = momentum * velocity + gradient; weights -= rate * velocity}. */
  static void update(
      float[] weights, float[] velocity, float[] gradient, float rate, float momentum) {
    for (int j = 0; j < weights.length; j++) {
      float v = momentum * velocity[j] + gradient[j];
      velocity[j] = v;
      weights[j] = weights[j] - rate * v;
    }
  }

  /** {@code to[j][i] = from[i][j]}. */
  static void transpose(float[][] from, float[][] to) {
    columns(from, from.length, 0, to);
  }

  /** {@code to[c][i] = rows[i][first + c]}: some columns of the first {@code count} rows. */
  static void columns(float[][] rows, int count, int first, float[][] to) {
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      eightColumns(rows, i, first, to);
    }
    for (; i < count; i++) {
      float[] row = rows[i];
      for (int c = 0; c < to.length; c++) {
        to[c][i] = row[first + c];
      }
    }
  }

  private static void eightColumns(float[][] rows, int i, int first, float[][] to) {
    float[] r0 = rows[i];
    float[] r1 = rows[i + 1];
    float[] r2 = rows[i + 2];
    float[] r3 = rows[i + 3];
    float[] r4 = rows[i + 4];
    float[] r5 = rows[i + 5];
    float[] r6 = rows[i + 6];
    float[] r7 = rows[i + 7];
    for (int c = 0; c < to.length; c++) {
      float[] column = to[c];
      column[i] = r0[first + c];
      column[i + 1] = r1[first + c];
      column[i + 2] = r2[first + c];
      column[i + 3] = r3[first + c];
      column[i + 4] = r4[first + c];
      column[i + 5] = r5[first + c];
      column[i + 6] = r6[first + c];
      column[i + 7] = r7[first + c];
    }
  }

  /** Whether no element is NaN or infinite. */
  static boolean finite(float[] row) {
    for (float value : row) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
