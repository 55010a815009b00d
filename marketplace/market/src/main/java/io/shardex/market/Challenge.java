package io.shardex.market;

import io.shardex.pricing.WorkUnits;

/**
 * What a worker has to compute to prove its hardware: a chain of products of square matrices, a
 * table that fills memory, and a walk that reads it. What they are is laid down with the arithmetic
 * of training, which the market knows nothing of.
 *
 * @param seed of all its numbers, and its name
 * @param side of the matrices
 * @param links products in the chain
 * @param blocks of 64 KiB in the table; 0 for a worker that is leased
 * @param steps of the walk
 */
public record Challenge(Digest seed, int side, int links, int blocks, int steps) {
  /** Blocks of the table in one MiB. */
  public static final int BLOCKS_OF_MIB = 16;

  /** Times the walk reads as much as the table holds. */
  private static final int READINGS = 4;

  private static final int SMALLEST_SIDE = 64;

  /** Two of these and their hashes are opened for each link that is looked at: 4 MiB each. */
  private static final int LARGEST_SIDE = 2_048;

  /** All matrices of a chain are kept until it is opened. */
  private static final int MOST_LINKS = 256;

  /** One work unit is a million operations. */
  private static final long OPERATIONS_OF_WORK = 1_000_000;

  /** More than any chain takes; times 10^6 it is below 2^63. */
  private static final long MOST_WORK = 1L << 43;

  /**
   * A challenge whose chain takes about this much work: of the smallest matrices with which it has
   * no more than 256 links.
   */
  public static Challenge of(Digest seed, WorkUnits chain, int tableMiB) {
    int side = SMALLEST_SIDE;
    while (side < LARGEST_SIDE && links(chain, side) > MOST_LINKS) {
      side *= 2;
    }
    int links = Math.clamp(links(chain, side), 1, MOST_LINKS);
    int blocks = tableMiB * BLOCKS_OF_MIB;
    return new Challenge(seed, side, links, blocks, blocks * READINGS);
  }

  private static long links(WorkUnits chain, int side) {
    return Math.min(chain.count(), MOST_WORK) * OPERATIONS_OF_WORK / operations(side);
  }

  private static long operations(int side) {
    return 2L * side * side * side;
  }
}
