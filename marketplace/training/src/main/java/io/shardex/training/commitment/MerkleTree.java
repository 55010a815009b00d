package io.shardex.training.commitment;

import java.util.ArrayList;
import java.util.List;

/**
 * The Merkle tree over a list of leaves, at least one.
 *
 * <p>Shape and tags are those of RFC 6962 section 2.1: leaf = SHA-256(0x00, content), inner =
 * SHA-256(0x01, left, right), the left subtree holds the largest power of two that is less than the
 * number of leaves. That is to pair neighbours level by level, the last of an odd level going up as
 * it is.
 */
public final class MerkleTree {
  private static final byte[] LEAF = {0};
  private static final byte[] INNER = {1};

  /** The leaves, then the level above them, up to the root alone. */
  private final List<List<Digest>> levels = new ArrayList<>();

  /** The tree over these {@link #leaf} digests. */
  public MerkleTree(List<Digest> leaves) {
    if (leaves.isEmpty()) {
      throw new IllegalArgumentException("a tree needs a leaf");
    }
    levels.add(List.copyOf(leaves));
    while (levels.getLast().size() > 1) {
      levels.add(above(levels.getLast()));
    }
  }

  private static List<Digest> above(List<Digest> level) {
    List<Digest> above = new ArrayList<>(level.size() / 2 + 1);
    for (int i = 0; i + 1 < level.size(); i += 2) {
      above.add(inner(level.get(i), level.get(i + 1)));
    }
    if (level.size() % 2 == 1) {
      above.add(level.getLast());
    }
    return above;
  }

  /** What a leaf with this content hashes to. */
  public static Digest leaf(byte[] content) {
    return Digest.of(LEAF, content);
  }

  public Digest root() {
    return levels.getLast().getFirst();
  }

  /** The siblings on the way from a leaf up to the root, the leaf's own first. */
  public List<Digest> path(int leaf) {
    List<Digest> path = new ArrayList<>();
    int place = leaf;
    for (List<Digest> level : levels) {
      if ((place ^ 1) < level.size()) {
        path.add(level.get(place ^ 1));
      }
      place /= 2;
    }
    return path;
  }

  /** How many siblings the path of a leaf has. */
  public static int depth(int leaf, int leaves) {
    int depth = 0;
    int place = leaf;
    for (int size = leaves; size > 1; size = (size + 1) / 2) {
      depth += (place ^ 1) < size ? 1 : 0;
      place /= 2;
    }
    return depth;
  }

  /** Whether a leaf with this digest stands at this place of the tree with this root. */
  public static boolean holds(Digest root, int place, int leaves, Digest leaf, List<Digest> path) {
    if (place < 0 || place >= leaves || path.size() != depth(place, leaves)) {
      return false;
    }
    Digest at = leaf;
    int index = place;
    int used = 0;
    for (int size = leaves; size > 1; size = (size + 1) / 2) {
      if ((index ^ 1) < size) {
        Digest sibling = path.get(used++);
        at = index % 2 == 0 ? inner(at, sibling) : inner(sibling, at);
      }
      index /= 2;
    }
    return at.equals(root);
  }

  private static Digest inner(Digest left, Digest right) {
    return Digest.of(INNER, left.bytes(), right.bytes());
  }
}
