package io.shardex.training.arithmetic;

/** Products with a triangular matrix of factors; the order of {@link Rows#addProduct}. */
final class Triangles {
  private static final int BLOCK = 8;

  private Triangles() {}

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = 0 to i, for every i. */
  static void addLower(float[][] sums, float[][] factors, float[][] rows) {
    int count = sums.length;
    for (int k = 0; k < count; k += BLOCK) {
      int end = Math.min(k + BLOCK, count);
      for (int i = k; i < end; i++) {
        addSome(sums[i], factors[i], rows, k, i + 1);
      }
      if (end < count) {
        Rows.addEight(sums, end, count, factors, rows, k);
      }
    }
  }

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = i to the last one, for every i. */
  static void addUpper(float[][] sums, float[][] factors, float[][] rows) {
    int count = sums.length;
    for (int k = 0; k < count; k += BLOCK) {
      int end = Math.min(k + BLOCK, count);
      if (end - k == BLOCK) {
        Rows.addEight(sums, 0, k, factors, rows, k);
      } else {
        for (int i = 0; i < k; i++) {
          addSome(sums[i], factors[i], rows, k, end);
        }
      }
      for (int i = k; i < end; i++) {
        addSome(sums[i], factors[i], rows, i, end);
      }
    }
  }

  private static void addSome(float[] sum, float[] factors, float[][] rows, int from, int to) {
    for (int k = from; k < to; k++) {
      addOne(sum, factors[k], rows[k]);
    }
  }

  private static void addOne(float[] sum, float factor, float[] row) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] = sum[j] + factor * row[j];
    }
  }
}
