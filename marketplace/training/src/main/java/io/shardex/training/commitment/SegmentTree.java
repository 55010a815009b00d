package io.shardex.training.commitment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The Merkle tree over a run's states: leaf 0 is the start, then one leaf at each segment's end,
 * the last leaf the final state. The start is known to all, since it follows from the base model
 * (optimiser slots start at zero): its leaf has the base model's digest in the place of the state.
 *
 * <p>Shape and tags are those of RFC 6962 section 2.1: leaf = SHA-256(0x00, step, state), inner =
 * SHA-256(0x01, left, right), the left subtree holds the largest power of two that is less than the
 * number of leaves. The step number has 8 bytes, little-endian.
 */
public final class SegmentTree {
  private static final byte LEAF = 0;
  private static final byte INNER = 1;

  private final List<Digest> leaves = new ArrayList<>();

  /** A tree with the leaf of the start. */
  public SegmentTree(Digest baseModel) {
    add(0, ByteBuffer.wrap(baseModel.bytes()));
  }

  /** Appends the state reached after this many steps. */
  public void add(long step, ByteBuffer state) {
    byte[] prefix =
        ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).put(LEAF).putLong(step).array();
    leaves.add(Digest.of(prefix, state));
  }

  /** Number of leaves so far. */
  public int leaves() {
    return leaves.size();
  }

  /** Root of the leaves so far. */
  public Digest root() {
    return root(leaves);
  }

  private static Digest root(List<Digest> leaves) {
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int split = Integer.highestOneBit(leaves.size() - 1);
    Digest left = root(leaves.subList(0, split));
    Digest right = root(leaves.subList(split, leaves.size()));
    return Digest.of(new byte[] {INNER}, left.bytes(), right.bytes());
  }
}
