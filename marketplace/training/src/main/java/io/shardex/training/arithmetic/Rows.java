package io.shardex.training.arithmetic;

/**
 * The kernels on matrices of one array a row. Each output element adds its terms one by one in
 * ascending order of k; eight terms at a time only saves loads and stores. The JIT vectorises along
 * the row, where no element depends on another.
 */
final class Rows {
  private Rows() {}

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = 0 to depth - 1, for i = from to to - 1. */
  static void addProduct(
      float[][] sums, int from, int to, float[][] factors, float[][] rows, int depth) {
    int k = 0;
    for (; k + 8 <= depth; k += 8) {
      addEight(sums, from, to, factors, rows, k);
    }
    for (; k < depth; k++) {
      addOne(sums, from, to, factors, rows[k], k);
    }
  }

  static void addEight(float[][] sums, int from, int to, float[][] factors, float[][] rows, int k) {
    float[] r0 = rows[k];
    float[] r1 = rows[k + 1];
    float[] r2 = rows[k + 2];
    float[] r3 = rows[k + 3];
    float[] r4 = rows[k + 4];
    float[] r5 = rows[k + 5];
    float[] r6 = rows[k + 6];
    float[] r7 = rows[k + 7];
    for (int i = from; i < to; i++) {
      float[] sum = sums[i];
      float[] f = factors[i];
      float f0 = f[k];
      float f1 = f[k + 1];
      float f2 = f[k + 2];
      float f3 = f[k + 3];
      float f4 = f[k + 4];
      float f5 = f[k + 5];
      float f6 = f[k + 6];
      float f7 = f[k + 7];
      for (int j = 0; j < sum.length; j++) {
        sum[j] =
            sum[j]
                + f0 * r0[j]
                + f1 * r1[j]
                + f2 * r2[j]
                + f3 * r3[j]
                + f4 * r4[j]
                + f5 * r5[j]
                + f6 * r6[j]
                + f7 * r7[j];
      }
    }
  }

  private static void addOne(
      float[][] sums, int from, int to, float[][] factors, float[] row, int k) {
    for (int i = from; i < to; i++) {
      float[] sum = sums[i];
      float factor = factors[i][k];
      for (int j = 0; j < sum.length; j++) {
        sum[j] = sum[j] + factor * row[j];
      }
    }
  }

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

  /**
   * {@code sums[j] += x[k] * columns[j][k]}, k = 0 to x.length - 1, for every j: the same product
   * for rows too short to vectorise, four outputs at a time.
   */
  static void addDots(float[] sums, float[] x, float[][] columns) {
    int j = 0;
    for (; j + 4 <= sums.length; j += 4) {
      addFourDots(sums, j, x, columns[j], columns[j + 1], columns[j + 2], columns[j + 3]);
    }
    for (; j < sums.length; j++) {
      sums[j] = addDot(sums[j], x, columns[j]);
    }
  }

  private static void addFourDots(
      float[] sums, int j, float[] x, float[] c0, float[] c1, float[] c2, float[] c3) {
    float s0 = sums[j];
    float s1 = sums[j + 1];
    float s2 = sums[j + 2];
    float s3 = sums[j + 3];
    for (int k = 0; k < x.length; k++) {
      float factor = x[k];
      s0 = s0 + factor * c0[k];
      s1 = s1 + factor * c1[k];
      s2 = s2 + factor * c2[k];
      s3 = s3 + factor * c3[k];
    }
    sums[j] = s0;
    sums[j + 1] = s1;
    sums[j + 2] = s2;
    sums[j + 3] = s3;
  }

  private static float addDot(float sum, float[] x, float[] column) {
    for (int k = 0; k < x.length; k++) {
      sum = sum + x[k] * column[k];
    }
    return sum;
  }

  /** {@code row = max(row, +0)}: NaN stays NaN. */
  static void rectify(float[] row) {
    for (int j = 0; j < row.length; j++) {
      row[j] = Math.max(row[j], 0f);
    }
  }

  /** Keeps {@code delta} where the activation is greater than 0, else +0. */
  static void keepActive(float[] delta, float[] activation) {
    for (int j = 0; j < delta.length; j++) {
      delta[j] = activation[j] > 0f ? delta[j] : 0f;
    }
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
    for (int i = 0; i < from.length; i++) {
      float[] row = from[i];
      for (int j = 0; j < row.length; j++) {
        to[j][i] = row[j];
      }
    }
  }

  /** {@code to[c][i] = rows[i][first + c]}: some columns of the first {@code count} rows. */
  static void columns(float[][] rows, int count, int first, float[][] to) {
    for (int i = 0; i < count; i++) {
      float[] row = rows[i];
      for (int c = 0; c < to.length; c++) {
        to[c][i] = row[first + c];
      }
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
