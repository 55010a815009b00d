package io.shardex.settlement;

/**
 * How many blocks must lie on top of a block before it counts as final.
 *
 * @param depth at least 0; 3 outlasts what a development chain loses in a crash
 */
public record Confirmations(int depth) {
  public Confirmations {
    if (depth < 0) {
      throw new IllegalArgumentException("a confirmation depth cannot be negative: " + depth);
    }
  }

  /** The last final block when {@code latest} is the newest one; below zero when there is none. */
  public long finalBlock(long latest) {
    return latest - depth;
  }
}
