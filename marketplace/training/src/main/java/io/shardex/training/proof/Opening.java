package io.shardex.training.proof;

import io.shardex.training.commitment.Digest;
import io.shardex.training.commitment.MerkleTree;
import io.shardex.training.proof.OpeningRefused.Flaw;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some leaves of an answer with their paths, as bytes: the number of leaves, then of each its
 * place, its length, its content and its path, in ascending order of places. Numbers have four
 * bytes, big-endian; how long a path is follows from the place.
 */
final class Opening {
  /** No leaf is longer: a matrix of the largest side. */
  private static final int LONGEST_LEAF = ChallengeSize.LARGEST_SIDE * ChallengeSize.LARGEST_SIDE;

  private static final int MOST_LEAVES =
      2 * OpeningCheck.LINKS + 3 * OpeningCheck.BLOCKS + 3 * OpeningCheck.STEPS;

  private Opening() {}

  static long mostBytes(ChallengeSize size) {
    long paths = (long) MOST_LEAVES * (2 * Integer.BYTES + Integer.SIZE * Digest.BYTES);
    long matrices = 2L * OpeningCheck.LINKS * size.side() * size.side();
    long blocks = 3L * OpeningCheck.BLOCKS + OpeningCheck.STEPS;
    long positions = 2L * OpeningCheck.STEPS * Integer.BYTES;
    return Integer.BYTES + paths + matrices + blocks * MemoryTable.BLOCK_BYTES + positions;
  }

  static byte[] encode(Map<Integer, byte[]> leaves, MerkleTree tree) {
    int size =
        leaves.entrySet().stream()
            .mapToInt(
                leaf ->
                    2 * Integer.BYTES
                        + leaf.getValue().length
                        + tree.path(leaf.getKey()).size() * Digest.BYTES)
            .sum();
    ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + size).putInt(leaves.size());
    new TreeMap<>(leaves)
        .forEach(
            (place, content) -> {
              out.putInt(place).putInt(content.length).put(content);
              tree.path(place).forEach(sibling -> out.put(sibling.bytes()));
            });
    return out.array();
  }

  /** The opened leaves; each is the answer's. */
  static Leaves decode(byte[] bytes, ChallengeSize size, Digest root) throws OpeningRefused {
    try {
      Map<Integer, byte[]> leaves = read(ByteBuffer.wrap(bytes), size, root);
      return place -> {
        byte[] content = leaves.get(place);
        if (content == null) {
          throw new OpeningRefused(Flaw.LEAF_MISSING, "leaf " + place);
        }
        return content;
      };
    } catch (BufferUnderflowException e) {
      throw new OpeningRefused(Flaw.MALFORMED, "it ends too early");
    }
  }

  private static Map<Integer, byte[]> read(ByteBuffer in, ChallengeSize size, Digest root)
      throws OpeningRefused {
    Map<Integer, byte[]> leaves = new TreeMap<>();
    int count = bounded(in.getInt(), MOST_LEAVES, "number of leaves");
    for (int i = 0; i < count; i++) {
      int place = bounded(in.getInt(), size.leaves() - 1, "place");
      byte[] content = take(in, bounded(in.getInt(), LONGEST_LEAF, "length"));
      List<Digest> path = new ArrayList<>();
      for (int depth = MerkleTree.depth(place, size.leaves()); depth > 0; depth--) {
        path.add(Digest.ofBytes(take(in, Digest.BYTES)));
      }
      if (!MerkleTree.holds(root, place, size.leaves(), MerkleTree.leaf(content), path)) {
        throw new OpeningRefused(Flaw.NOT_IN_ANSWER, "leaf " + place);
      }
      leaves.put(place, content);
    }
    if (in.hasRemaining()) {
      throw new OpeningRefused(Flaw.MALFORMED, in.remaining() + " bytes too many");
    }
    return leaves;
  }

  private static int bounded(int value, int most, String what) throws OpeningRefused {
    if (value < 0 || value > most) {
      throw new OpeningRefused(Flaw.MALFORMED, "a " + what + " of " + value);
    }
    return value;
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
