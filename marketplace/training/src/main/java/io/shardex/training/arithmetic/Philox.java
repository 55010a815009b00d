package io.shardex.training.arithmetic;

/**
 * Philox4x32-10: ten rounds that mix a 128-bit counter under a 64-bit key. Salmon, Moraes, Dror,
 * Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011; constants and known answers from
 * their Random123.
 */
final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /** The first of the four words. */
  static int first(int c0, int c1, int c2, int c3, int k0, int k1) {
    return block(c0, c1, c2, c3, k0, k1)[0];
  }

  /** All four words. */
  static int[] block(int c0, int c1, int c2, int c3, int k0, int k1) {
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & 0xffff_ffffL);
      long product1 = MULTIPLIER_1 * (c2 & 0xffff_ffffL);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return new int[] {c0, c1, c2, c3};
  }
}
