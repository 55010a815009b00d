package io.shardex.training.proof;

import io.shardex.training.commitment.Digest;
import java.nio.ByteBuffer;

/**
 * What is to be computed. The leaves of its answer are, in this order: the chain's matrices after
 * each link, the table's blocks, the walk's position after each step.
 */
public record Challenge(Digest seed, ChallengeSize size) {
  /** The key of all its random numbers: the seed's first 64 bits, which nobody knew before. */
  long key() {
    return key(seed);
  }

  static long key(Digest seed) {
    return ByteBuffer.wrap(seed.bytes()).getLong();
  }

  /** The leaf of the matrix after the link, from 0. */
  int matrixLeaf(int link) {
    return link;
  }

  int blockLeaf(int block) {
    return size.links() + block;
  }

  /** The leaf of the position after the step, from 0. */
  int stepLeaf(int step) {
    return size.links() + size.blocks() + step;
  }
}
