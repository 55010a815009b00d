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
 * <p>A {@link MerkleTree} whose leaves are SHA-256(0x00, step, state). The step number has 8 bytes,
 * little-endian.
 */
public final class SegmentTree {
  private static final byte LEAF = 0;

  private final List<Digest> leaves = new ArrayList<>();

  /** A tree with the leaf of the start. */
  public SegmentTree(Digest baseModel) {
    add(0, ByteBuffer.wrap(baseModel.bytes()));
  }

  /** A tree with the leaf of the start and those that another one had after it. */
  public SegmentTree(Digest baseModel, List<Digest> reached) {
    this(baseModel);
    leaves.addAll(reached);
  }

  /** The leaves after the start's, so far. */
  public List<Digest> reached() {
    return List.copyOf(leaves.subList(1, leaves.size()));
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
    return new MerkleTree(leaves).root();
  }
}
