package io.shardex.training.proof;

import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.commitment.MerkleTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A solved challenge, with all that may be asked to be opened of it. */
public final class Solution {
  private final Challenge challenge;
  private final List<byte[]> matrices;
  private final MemoryTable table;
  private final int[] positions;
  private final MerkleTree tree;

  private Solution(
      Challenge challenge,
      List<byte[]> matrices,
      MemoryTable table,
      int[] positions,
      MerkleTree tree) {
    this.challenge = challenge;
    this.matrices = matrices;
    this.table = table;
    this.positions = positions;
    this.tree = tree;
  }

  /** The parts of the work, in the order they are done. */
  public enum Part {
    CHAIN,
    FILL,
    HASH,
    WALK
  }

  /** Hears that a part is done. */
  public interface Progress {
    /** Nobody listens. */
    Progress SILENT = part -> {};

    void done(Part part);
  }

  /**
   * Solves a challenge.
   *
   * @param chain the device that computes
   * @param lanes threads that hash the table
   */
  public static Solution of(Challenge challenge, MatrixChain chain, Lanes lanes, Progress progress)
      throws ProofFailure, InterruptedException {
    List<byte[]> matrices = new ArrayList<>(challenge.size().links());
    List<Digest> leaves = new ArrayList<>(challenge.size().leaves());
    chain.run(
        challenge,
        matrix -> {
          matrices.add(matrix);
          leaves.add(MerkleTree.leaf(matrix));
        });
    progress.done(Part.CHAIN);
    MemoryTable table = MemoryTable.filled(challenge);
    progress.done(Part.FILL);
    leaves.addAll(Arrays.asList(hashed(table, challenge.size().blocks(), lanes)));
    progress.done(Part.HASH);
    int[] positions = walked(challenge, table);
    for (int position : positions) {
      leaves.add(MerkleTree.leaf(MemoryTable.bytes(new int[] {position})));
    }
    progress.done(Part.WALK);
    return new Solution(challenge, matrices, table, positions, new MerkleTree(leaves));
  }

  private static Digest[] hashed(MemoryTable table, int blocks, Lanes lanes) {
    Digest[] digests = new Digest[blocks];
    lanes.split(
        blocks,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            digests[block] = MerkleTree.leaf(table.block(block));
          }
        });
    return digests;
  }

  private static int[] walked(Challenge challenge, MemoryTable table) {
    int[] positions = new int[challenge.size().steps()];
    int position = MemoryTable.firstPosition(challenge);
    for (int step = 0; step < positions.length; step++) {
      position =
          MemoryTable.nextPosition(
              position, step, table.words(MemoryTable.blockAt(challenge, position)));
      positions[step] = position;
    }
    return positions;
  }

  /** The answer. */
  public Digest root() {
    return tree.root();
  }

  /**
   * What this draw asks to be opened.
   *
   * @throws ProofFailure if the device computed wrongly there
   */
  public byte[] opening(Digest draw) throws ProofFailure {
    Map<Integer, byte[]> opened = new TreeMap<>();
    try {
      OpeningCheck.run(
          challenge,
          draw,
          leaf -> {
            byte[] content = content(leaf);
            opened.put(leaf, content);
            return content;
          });
    } catch (OpeningRefused e) {
      throw new ProofFailure("this device computed wrongly: " + e.getMessage());
    }
    return Opening.encode(opened, tree);
  }

  byte[] content(int leaf) {
    ChallengeSize size = challenge.size();
    if (leaf < size.links()) {
      return matrices.get(leaf);
    }
    int block = leaf - size.links();
    return block < size.blocks()
        ? table.block(block)
        : MemoryTable.bytes(new int[] {positions[block - size.blocks()]});
  }
}
