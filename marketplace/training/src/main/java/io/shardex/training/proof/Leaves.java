package io.shardex.training.proof;

/** The contents of an answer's leaves: all of them, or those that are opened. */
interface Leaves {
  /**
   * A leaf's content.
   *
   * @throws OpeningRefused if it is not opened
   */
  byte[] content(int leaf) throws OpeningRefused;
}
