package io.shardex.scheduler.grid;

import io.shardex.market.Digest;

/** Stored bytes did not match their name; they are gone now and can be uploaded again. */
public final class ChunkCorrupted extends GridFailure {
  private static final long serialVersionUID = 1;

  ChunkCorrupted(Digest expected, Digest found) {
    super("the grid held bytes of digest " + found + " as " + expected + "; removed", null);
  }
}
