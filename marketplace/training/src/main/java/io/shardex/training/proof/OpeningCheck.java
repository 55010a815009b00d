package io.shardex.training.proof;

import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.arithmetic.CounterRandom.Purpose;
import io.shardex.training.commitment.Digest;
import io.shardex.training.proof.OpeningRefused.Flaw;
import java.util.Arrays;

/**
 * Checks those parts of an answer that chance picks once the answer is fixed. The same check run by
 * the one who answers tells it which leaves to open.
 *
 * <p>Of an answer with a part f of wrong links one is found with probability 1 - (1 - f)^{@value
 * #LINKS}; blocks and steps alike. A wrong product is taken for right with probability 113^-{@value
 * #VECTORS}, below 2^-54 (R. Freivalds: "Probabilistic machines can use less running time", IFIP
 * 1977).
 */
public final class OpeningCheck {
  static final int LINKS = 6;
  static final int BLOCKS = 6;
  static final int STEPS = 12;
  private static final int VECTORS = 8;

  private final Challenge challenge;
  private final long draw;
  private final Leaves leaves;

  private OpeningCheck(Challenge challenge, Digest draw, Leaves leaves) {
    this.challenge = challenge;
    this.draw = Challenge.key(draw);
    this.leaves = leaves;
  }

  /**
   * Checks an opening.
   *
   * @param root the answer
   * @param draw chance that nobody knew when the answer was given
   * @param opening the bytes that {@link Solution#opening} makes
   * @throws OpeningRefused if it does not show that the answer is right where it was looked at
   */
  public static void check(Challenge challenge, Digest root, Digest draw, byte[] opening)
      throws OpeningRefused {
    run(challenge, draw, Opening.decode(opening, challenge.size(), root));
  }

  /** No opening of a challenge of this size is longer. */
  public static long mostBytes(ChallengeSize size) {
    return Opening.mostBytes(size);
  }

  /** Looks at all that is drawn. */
  static void run(Challenge challenge, Digest draw, Leaves leaves) throws OpeningRefused {
    OpeningCheck check = new OpeningCheck(challenge, draw, leaves);
    check.links();
    if (challenge.size().blocks() > 0) {
      check.blocks();
    }
    if (challenge.size().steps() > 0) {
      check.steps();
    }
  }

  private int drawn(int part, int place, int bound) {
    return new CounterRandom(draw, 0, 0, part, Purpose.PROOF_OPENED).below(bound, place);
  }

  private void links() throws OpeningRefused {
    byte[] factor = MatrixChain.factor(challenge);
    for (int place = 0; place < LINKS; place++) {
      int link = drawn(0, place, challenge.size().links());
      byte[] before =
          link == 0 ? MatrixChain.start(challenge) : matrix(challenge.matrixLeaf(link - 1));
      byte[] after = matrix(challenge.matrixLeaf(link));
      for (int vector = 0; vector < VECTORS; vector++) {
        if (!isProduct(factor, before, after, vector(place, vector))) {
          throw new OpeningRefused(Flaw.FALSE_PRODUCT, "link " + link);
        }
      }
    }
  }

  private byte[] matrix(int leaf) throws OpeningRefused {
    int side = challenge.size().side();
    byte[] matrix = leaf(leaf, side * side);
    for (byte number : matrix) {
      if (!SmallField.contains(number)) {
        throw new OpeningRefused(Flaw.FALSE_PRODUCT, number + " is not of the field");
      }
    }
    return matrix;
  }

  private byte[] leaf(int leaf, int length) throws OpeningRefused {
    byte[] content = leaves.content(leaf);
    if (content.length != length) {
      throw new OpeningRefused(
          Flaw.MALFORMED, "leaf " + leaf + " has " + content.length + " bytes, not " + length);
    }
    return content;
  }

  private int[] vector(int place, int vector) {
    int[] values = new int[challenge.size().side()];
    CounterRandom random = new CounterRandom(draw, 0, vector, place, Purpose.PROOF_VECTOR);
    for (int i = 0; i < values.length; i++) {
      values[i] = SmallField.random(random, i);
    }
    return values;
  }

  /** Freivalds: whether A (X r) = Y r, with Y = the cube roots of the transposed next matrix. */
  private static boolean isProduct(byte[] factor, byte[] before, byte[] after, int[] vector) {
    return Arrays.equals(times(factor, times(before, vector)), rootsTransposedTimes(after, vector));
  }

  private static int[] times(byte[] matrix, int[] vector) {
    int side = vector.length;
    int[] product = new int[side];
    for (int row = 0; row < side; row++) {
      int sum = 0;
      for (int column = 0; column < side; column++) {
        sum += matrix[row * side + column] * vector[column];
      }
      product[row] = SmallField.reduced(sum);
    }
    return product;
  }

  private static int[] rootsTransposedTimes(byte[] matrix, int[] vector) {
    int side = vector.length;
    int[] product = new int[side];
    for (int row = 0; row < side; row++) {
      int factor = vector[row];
      for (int column = 0; column < side; column++) {
        product[column] += SmallField.root(matrix[row * side + column]) * factor;
      }
    }
    for (int column = 0; column < side; column++) {
      product[column] = SmallField.reduced(product[column]);
    }
    return product;
  }

  private void blocks() throws OpeningRefused {
    for (int place = 0; place < BLOCKS; place++) {
      int block = drawn(1, place, challenge.size().blocks());
      int[] made =
          block == 0
              ? MemoryTable.first(challenge)
              : MemoryTable.made(
                  challenge,
                  block,
                  block(block - 1),
                  block(MemoryTable.farParent(challenge, block)));
      if (!Arrays.equals(made, block(block))) {
        throw new OpeningRefused(Flaw.FALSE_BLOCK, "block " + block);
      }
    }
  }

  private int[] block(int block) throws OpeningRefused {
    return MemoryTable.words(leaf(challenge.blockLeaf(block), MemoryTable.BLOCK_BYTES));
  }

  private void steps() throws OpeningRefused {
    for (int place = 0; place < STEPS; place++) {
      int step = drawn(2, place, challenge.size().steps());
      int before = step == 0 ? MemoryTable.firstPosition(challenge) : position(step - 1);
      int[] words = block(MemoryTable.blockAt(challenge, before));
      if (MemoryTable.nextPosition(before, step, words) != position(step)) {
        throw new OpeningRefused(Flaw.FALSE_STEP, "step " + step);
      }
    }
  }

  private int position(int step) throws OpeningRefused {
    return MemoryTable.words(leaf(challenge.stepLeaf(step), Integer.BYTES))[0];
  }
}
