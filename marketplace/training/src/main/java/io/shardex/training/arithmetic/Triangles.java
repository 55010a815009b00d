package io.shardex.training.arithmetic;

/** Products with a triangular matrix of factors; the order of {@link Products}. */
final class Triangles {
  private Triangles() {}

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = 0 to i, for every i. */
  static void addLower(float[][] sums, float[][] factors, float[][] rows) {
    int count = sums.length;
    for (int k = 0; k < count; k += Products.TERMS) {
      int end = Math.min(k + Products.TERMS, count);
      for (int i = k; i < end; i++) {
        addSome(sums[i], factors[i], rows, k, i + 1);
      }
      if (end < count) {
        Products.addTerms(sums, end, count, factors, rows, k);
      }
    }
  }

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = i to the last one, for every i. */
  static void addUpper(float[][] sums, float[][] factors, float[][] rows) {
    int count = sums.length;
    for (int k = 0; k < count; k += Products.TERMS) {
      int end = Math.min(k + Products.TERMS, count);
      if (end - k == Products.TERMS) {
        Products.addTerms(sums, 0, k, factors, rows, k);
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
      Products.addTerm(sum, factors[k], rows[k]);
    }
  }
}
