package io.shardex.training.commitment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
  @Test
  void theRootIsThatOfTheRecursionInRfc6962() {
    for (int size = 1; size <= 70; size++) {
      List<Digest> leaves = leaves(size);
      assertEquals(recursive(leaves), new MerkleTree(leaves).root(), size + " leaves");
    }
  }

  @Test
  void everyLeafIsShownByItsPathAndAtNoOtherPlace() {
    for (int size = 1; size <= 40; size++) {
      List<Digest> leaves = leaves(size);
      MerkleTree tree = new MerkleTree(leaves);
      for (int place = 0; place < size; place++) {
        List<Digest> path = tree.path(place);
        assertEquals(MerkleTree.depth(place, size), path.size());
        for (int at = -1; at <= size; at++) {
          assertEquals(
              at == place,
              MerkleTree.holds(tree.root(), at, size, leaves.get(place), path),
              "leaf " + place + " at " + at + " of " + size);
        }
      }
    }
  }

  @Test
  void anotherLeafOrPathIsRefused() {
    List<Digest> leaves = leaves(7);
    MerkleTree tree = new MerkleTree(leaves);
    List<Digest> path = tree.path(2);
    assertTrue(MerkleTree.holds(tree.root(), 2, 7, leaves.get(2), path));
    assertFalse(MerkleTree.holds(tree.root(), 2, 7, leaves.get(3), path));
    assertFalse(MerkleTree.holds(tree.root(), 2, 7, leaves.get(2), path.subList(0, 2)));
    List<Digest> longer = new ArrayList<>(path);
    longer.add(leaves.get(0));
    assertFalse(MerkleTree.holds(tree.root(), 2, 7, leaves.get(2), longer));
  }

  @Test
  void anEmptyTreeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new MerkleTree(List.of()));
  }

  private static List<Digest> leaves(int count) {
    List<Digest> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      leaves.add(MerkleTree.leaf(new byte[] {(byte) i}));
    }
    return leaves;
  }

  private static Digest recursive(List<Digest> leaves) {
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int split = Integer.highestOneBit(leaves.size() - 1);
    return Digest.of(
        new byte[] {1},
        recursive(leaves.subList(0, split)).bytes(),
        recursive(leaves.subList(split, leaves.size())).bytes());
  }
}
