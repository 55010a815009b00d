package io.shardex.training.proof;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.MatrixProduct;

/** The chain on processors, by the kernels that train. */
public final class ReferenceChain implements MatrixChain {
  private final Lanes lanes;

  /** A chain that shares each product among the lanes. */
  public ReferenceChain(Lanes lanes) {
    this.lanes = lanes;
  }

  @Override
  public void run(Challenge challenge, Consumer each) throws InterruptedException {
    int side = challenge.size().side();
    float[][] factor = rows(MatrixChain.factor(challenge), side);
    float[][] product = new float[side][side];
    byte[] matrix = MatrixChain.start(challenge);
    for (int link = 0; link < challenge.size().links(); link++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      MatrixProduct.into(product, factor, rows(matrix, side), lanes);
      matrix = next(product);
      each.accept(matrix);
    }
  }

  private static float[][] rows(byte[] matrix, int side) {
    float[][] rows = new float[side][side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        rows[row][column] = matrix[row * side + column];
      }
    }
    return rows;
  }

  private static byte[] next(float[][] product) {
    int side = product.length;
    byte[] next = new byte[side * side];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        next[column * side + row] = SmallField.cube((int) product[row][column]);
      }
    }
    return next;
  }
}
