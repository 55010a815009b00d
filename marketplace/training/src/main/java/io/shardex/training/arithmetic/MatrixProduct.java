package io.shardex.training.arithmetic;

import java.util.Arrays;

/** The product of two square matrices of one array a row, shared among lanes by rows. */
public final class MatrixProduct {
  private MatrixProduct() {}

  /** {@code product = a * b}; what was in {@code product} is lost. */
  public static void into(float[][] product, float[][] a, float[][] b, Lanes lanes) {
    lanes.split(
        product.length,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            Arrays.fill(product[i], 0f);
          }
          Products.add(product, from, to, a, b, b.length);
        });
  }
}
