package io.shardex.training.arithmetic;

/**
 * Products of matrices of one array a row. Each output element adds its terms one by one in
 * ascending order of k; taking several terms and several outputs at a time only saves loads and
 * stores. The JIT vectorises along the row, where no element depends on another, as long as a
 * loop's body stays small: three rows by four terms is about what it takes.
 */
final class Products {
  /** Terms that are added at a time. */
  static final int TERMS = 4;

  /** Rows that are finished before the next ones begin, so that they stay in the cache. */
  private static final int ROWS_AT_A_TIME = 24;

  private Products() {}

  /** {@code sums[i] += factors[i][k] * rows[k]}, k = 0 to depth - 1, for i = from to to - 1. */
  static void add(float[][] sums, int from, int to, float[][] factors, float[][] rows, int depth) {
    for (int i = from; i < to; i += ROWS_AT_A_TIME) {
      addSome(sums, i, Math.min(i + ROWS_AT_A_TIME, to), factors, rows, depth);
    }
  }

  private static void addSome(
      float[][] sums, int from, int to, float[][] factors, float[][] rows, int depth) {
    int k = 0;
    for (; k + TERMS <= depth; k += TERMS) {
      addTerms(sums, from, to, factors, rows, k);
    }
    for (; k < depth; k++) {
      for (int i = from; i < to; i++) {
        addTerm(sums[i], factors[i][k], rows[k]);
      }
    }
  }

  /** The {@link #TERMS} terms from k on. */
  static void addTerms(float[][] sums, int from, int to, float[][] factors, float[][] rows, int k) {
    float[] r0 = rows[k];
    float[] r1 = rows[k + 1];
    float[] r2 = rows[k + 2];
    float[] r3 = rows[k + 3];
    int i = from;
    for (; i + 3 <= to; i += 3) {
      addToThree(sums, factors, i, k, r0, r1, r2, r3);
    }
    for (; i < to; i++) {
      addToOne(sums[i], factors[i], k, r0, r1, r2, r3);
    }
  }

  private static void addToThree(
      float[][] sums,
      float[][] factors,
      int i,
      int k,
      float[] r0,
      float[] r1,
      float[] r2,
      float[] r3) {
    float[] s = sums[i];
    float[] t = sums[i + 1];
    float[] u = sums[i + 2];
    float[] f = factors[i];
    float[] g = factors[i + 1];
    float[] h = factors[i + 2];
    float f0 = f[k];
    float f1 = f[k + 1];
    float f2 = f[k + 2];
    float f3 = f[k + 3];
    float g0 = g[k];
    float g1 = g[k + 1];
    float g2 = g[k + 2];
    float g3 = g[k + 3];
    float h0 = h[k];
    float h1 = h[k + 1];
    float h2 = h[k + 2];
    float h3 = h[k + 3];
    for (int j = 0; j < s.length; j++) {
      float a = r0[j];
      float b = r1[j];
      float c = r2[j];
      float d = r3[j];
      s[j] = s[j] + f0 * a + f1 * b + f2 * c + f3 * d;
      t[j] = t[j] + g0 * a + g1 * b + g2 * c + g3 * d;
      u[j] = u[j] + h0 * a + h1 * b + h2 * c + h3 * d;
    }
  }

  private static void addToOne(
      float[] sum, float[] factors, int k, float[] r0, float[] r1, float[] r2, float[] r3) {
    float f0 = factors[k];
    float f1 = factors[k + 1];
    float f2 = factors[k + 2];
    float f3 = factors[k + 3];
    for (int j = 0; j < sum.length; j++) {
      sum[j] = sum[j] + f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j];
    }
  }

  /** {@code sum += factor * row}. */
  static void addTerm(float[] sum, float factor, float[] row) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] = sum[j] + factor * row[j];
    }
  }
}
