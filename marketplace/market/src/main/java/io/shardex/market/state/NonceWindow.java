package io.shardex.market.state;

/**
 * Which nonces a signer has used: all up to {@code highest - 64} count as used, and the 64 below
 * and including {@code highest} by their bit (bit 0 is {@code highest}).
 */
public record NonceWindow(long highest, long used) {
  public static final NonceWindow FRESH = new NonceWindow(0, 1);
  private static final int WIDTH = Long.SIZE;

  public boolean isUsed(long nonce) {
    if (nonce > highest) {
      return false;
    }
    long back = highest - nonce;
    return back >= WIDTH || (used >>> back & 1) == 1;
  }

  NonceWindow with(long nonce) {
    if (nonce <= highest) {
      return new NonceWindow(highest, used | 1L << (highest - nonce));
    }
    long forward = nonce - highest;
    return new NonceWindow(nonce, (forward >= WIDTH ? 0 : used << forward) | 1);
  }
}
