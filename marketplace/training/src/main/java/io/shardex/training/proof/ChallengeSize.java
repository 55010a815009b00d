package io.shardex.training.proof;

/**
 * How much a challenge asks for.
 *
 * @param side rows and columns of the chain's matrices, 8 to {@value #LARGEST_SIDE}
 * @param links products of the chain, 1 to 2^20
 * @param blocks of {@link MemoryTable#BLOCK_BYTES} in the table: 0 for none, up to 2^22
 * @param steps of the walk, up to 2^22: 0 without a table
 */
public record ChallengeSize(int side, int links, int blocks, int steps) {
  /** Up to here every sum of the chain stays below 2^24: 4,096 x 56 x 56 = 12,845,056. */
  public static final int LARGEST_SIDE = 4_096;

  private static final int MOST_LINKS = 1 << 20;
  private static final int MOST_BLOCKS = 1 << 22;

  public ChallengeSize {
    require(side >= 8 && side <= LARGEST_SIDE, "side to be 8 to 4096", side);
    require(links >= 1 && links <= MOST_LINKS, "links to be 1 to 2^20", links);
    require(blocks >= 0 && blocks <= MOST_BLOCKS, "blocks to be 0 to 2^22", blocks);
    require(steps >= 0 && steps <= MOST_BLOCKS, "steps to be 0 to 2^22", steps);
    require(blocks > 0 || steps == 0, "no steps without a table", steps);
  }

  /** Multiplications and additions of the chain: 2 side^3 a link. */
  public long operations() {
    return 2L * side * side * side * links;
  }

  public long tableBytes() {
    return (long) blocks * MemoryTable.BLOCK_BYTES;
  }

  /** Bytes that the walk reads. */
  public long walkedBytes() {
    return (long) steps * MemoryTable.BLOCK_BYTES;
  }

  int leaves() {
    return links + blocks + steps;
  }

  private static void require(boolean holds, String expected, int found) {
    if (!holds) {
      throw new IllegalArgumentException("expected %s, but it is %d".formatted(expected, found));
    }
  }
}
