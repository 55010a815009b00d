package io.shardex.training.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SegmentTreeTest {
  private static final Digest ONE = Digest.of(new byte[] {1});
  private static final Digest TWO = Digest.of(new byte[] {2});

  @Test
  void theDigestIsSha256() {
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        Digest.of(new byte[] {'a'}, new byte[] {'b', 'c'}).hex());
    assertEquals(ONE, Digest.ofBytes(ONE.bytes()));
    assertThrows(IllegalArgumentException.class, () -> Digest.ofBytes(new byte[31]));
  }

  @Test
  void theRootEqualsPairwiseHashingLevelByLevel() throws Exception {
    SegmentTree tree = new SegmentTree(ONE);
    List<byte[]> leaves = new ArrayList<>();
    leaves.add(sha(new byte[9], ONE.bytes()));
    assertEquals(HexFormat.of().formatHex(leaves.getFirst()), tree.root().hex());
    for (int n = 1; n <= 40; n++) {
      int step = 100 * n + 0x01_0000;
      byte[] state = {(byte) n, 5, 6};
      tree.add(step, ByteBuffer.wrap(state));
      leaves.add(
          sha(
              new byte[] {0, (byte) step, (byte) (step >> 8), (byte) (step >> 16), 0, 0, 0, 0, 0},
              state));
      assertEquals(HexFormat.of().formatHex(levelByLevel(leaves)), tree.root().hex());
    }
  }

  private static byte[] levelByLevel(List<byte[]> level) throws Exception {
    while (level.size() > 1) {
      List<byte[]> above = new ArrayList<>();
      for (int i = 0; i + 1 < level.size(); i += 2) {
        above.add(sha(new byte[] {1}, level.get(i), level.get(i + 1)));
      }
      if (level.size() % 2 == 1) {
        above.add(level.getLast());
      }
      level = above;
    }
    return level.getFirst();
  }

  private static byte[] sha(byte[]... parts) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    for (byte[] part : parts) {
      sha.update(part);
    }
    return sha.digest();
  }

  @Test
  void theRootCoversEveryFieldStateAndTheResult() {
    SegmentTree states = new SegmentTree(ONE);
    Set<Digest> roots = new HashSet<>();
    RunHeader header = new RunHeader(ONE, 1, ONE, ONE, 1, 1, ONE, ONE, 1, 1);
    roots.add(header.root(states, ONE));
    roots.add(new RunHeader(TWO, 1, ONE, ONE, 1, 1, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 2, ONE, ONE, 1, 1, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, TWO, ONE, 1, 1, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, TWO, 1, 1, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 2, 1, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 1, 2, ONE, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 1, 1, TWO, ONE, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 1, 1, ONE, TWO, 1, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 1, 1, ONE, ONE, 2, 1).root(states, ONE));
    roots.add(new RunHeader(ONE, 1, ONE, ONE, 1, 1, ONE, ONE, 1, 2).root(states, ONE));
    roots.add(header.root(states, TWO));
    roots.add(header.root(new SegmentTree(TWO), ONE));
    states.add(1, ByteBuffer.wrap(new byte[] {1}));
    roots.add(header.root(states, ONE));
    assertEquals(14, roots.size());
    assertNotEquals(ONE, TWO);
  }
}
