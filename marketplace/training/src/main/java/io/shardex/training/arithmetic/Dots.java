package io.shardex.training.arithmetic;

/**
 * The products of {@link Products} for rows of sums too short to vectorise along: both operands lie
 * along k, and sixteen sums side by side keep the processor busy, each in ascending order of k.
 */
final class Dots {
  private Dots() {}

  /**
   * {@code sums[i][j] += x[i][k] * y[j][k]}, k = 0 to the end of a row, for i = from to to - 1 and
   * every j.
   */
  static void add(float[][] sums, int from, int to, float[][] x, float[][] y) {
    int i = from;
    for (; i + 4 <= to; i += 4) {
      int j = 0;
      for (; j + 4 <= y.length; j += 4) {
        addSquare(sums, i, j, x, y);
      }
      for (; j < y.length; j++) {
        addColumn(sums, i, j, x, y[j]);
      }
    }
    for (; i < to; i++) {
      for (int j = 0; j < y.length; j++) {
        addOne(sums[i], j, x[i], y[j]);
      }
    }
  }

  /** Four rows of sums, four columns. */
  private static void addSquare(float[][] sums, int i, int j, float[][] x, float[][] y) {
    float[] xa = x[i];
    float[] xb = x[i + 1];
    float[] xc = x[i + 2];
    float[] xd = x[i + 3];
    float[] y0 = y[j];
    float[] y1 = y[j + 1];
    float[] y2 = y[j + 2];
    float[] y3 = y[j + 3];
    float[] a = sums[i];
    float[] b = sums[i + 1];
    float[] c = sums[i + 2];
    float[] d = sums[i + 3];
    float a0 = a[j];
    float a1 = a[j + 1];
    float a2 = a[j + 2];
    float a3 = a[j + 3];
    float b0 = b[j];
    float b1 = b[j + 1];
    float b2 = b[j + 2];
    float b3 = b[j + 3];
    float c0 = c[j];
    float c1 = c[j + 1];
    float c2 = c[j + 2];
    float c3 = c[j + 3];
    float d0 = d[j];
    float d1 = d[j + 1];
    float d2 = d[j + 2];
    float d3 = d[j + 3];
    for (int k = 0; k < xa.length; k++) {
      a0 = a0 + xa[k] * y0[k];
      a1 = a1 + xa[k] * y1[k];
      a2 = a2 + xa[k] * y2[k];
      a3 = a3 + xa[k] * y3[k];
      b0 = b0 + xb[k] * y0[k];
      b1 = b1 + xb[k] * y1[k];
      b2 = b2 + xb[k] * y2[k];
      b3 = b3 + xb[k] * y3[k];
      c0 = c0 + xc[k] * y0[k];
      c1 = c1 + xc[k] * y1[k];
      c2 = c2 + xc[k] * y2[k];
      c3 = c3 + xc[k] * y3[k];
      d0 = d0 + xd[k] * y0[k];
      d1 = d1 + xd[k] * y1[k];
      d2 = d2 + xd[k] * y2[k];
      d3 = d3 + xd[k] * y3[k];
    }
    a[j] = a0;
    a[j + 1] = a1;
    a[j + 2] = a2;
    a[j + 3] = a3;
    b[j] = b0;
    b[j + 1] = b1;
    b[j + 2] = b2;
    b[j + 3] = b3;
    c[j] = c0;
    c[j + 1] = c1;
    c[j + 2] = c2;
    c[j + 3] = c3;
    d[j] = d0;
    d[j + 1] = d1;
    d[j + 2] = d2;
    d[j + 3] = d3;
  }

  /** Four rows of sums, one column. */
  private static void addColumn(float[][] sums, int i, int j, float[][] x, float[] y) {
    float[] xa = x[i];
    float[] xb = x[i + 1];
    float[] xc = x[i + 2];
    float[] xd = x[i + 3];
    float a = sums[i][j];
    float b = sums[i + 1][j];
    float c = sums[i + 2][j];
    float d = sums[i + 3][j];
    for (int k = 0; k < y.length; k++) {
      a = a + xa[k] * y[k];
      b = b + xb[k] * y[k];
      c = c + xc[k] * y[k];
      d = d + xd[k] * y[k];
    }
    sums[i][j] = a;
    sums[i + 1][j] = b;
    sums[i + 2][j] = c;
    sums[i + 3][j] = d;
  }

  private static void addOne(float[] sums, int j, float[] x, float[] y) {
    float sum = sums[j];
    for (int k = 0; k < y.length; k++) {
      sum = sum + x[k] * y[k];
    }
    sums[j] = sum;
  }
}
