package io.shardex.training.proof;

import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.arithmetic.CounterRandom.Purpose;

/**
 * A chain of matrix products: X(i+1) = the transpose of cube(A X(i)), modulo 113 and centred. The
 * cube makes the next link depend on the whole of the last in a way that no product of matrices
 * shortens; the transpose makes every column depend on every other, so that a chain cannot be
 * split.
 */
public interface MatrixChain {
  /**
   * Runs the chain.
   *
   * @param each gets the matrix after each link, row by row, one byte a number
   */
  void run(Challenge challenge, Consumer each) throws ProofFailure, InterruptedException;

  /** Where the matrices go, in their order. */
  interface Consumer {
    void accept(byte[] matrix);
  }

  /** The factor A, row by row. */
  static byte[] factor(Challenge challenge) {
    return random(challenge, Purpose.PROOF_FACTOR);
  }

  /** X(0), row by row. */
  static byte[] start(Challenge challenge) {
    return random(challenge, Purpose.PROOF_START);
  }

  private static byte[] random(Challenge challenge, Purpose purpose) {
    int side = challenge.size().side();
    byte[] matrix = new byte[side * side];
    for (int row = 0; row < side; row++) {
      CounterRandom random = new CounterRandom(challenge.key(), 0, 0, row, purpose);
      for (int column = 0; column < side; column++) {
        matrix[row * side + column] = (byte) SmallField.random(random, column);
      }
    }
    return matrix;
  }
}
