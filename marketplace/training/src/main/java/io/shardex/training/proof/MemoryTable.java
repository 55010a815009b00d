package io.shardex.training.proof;

import io.shardex.training.arithmetic.CounterRandom;
import io.shardex.training.arithmetic.CounterRandom.Purpose;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that is filled block by block: each follows from the one before and from a random one far
 * back, as in memory-hard functions of the kind of Argon2i (RFC 9106), whose parents do not depend
 * on the data either. Who drops blocks must make them anew when the walk comes to them, and what
 * they were made from, which takes longer than keeping them.
 */
public final class MemoryTable {
  /** Words of a block, a power of two. */
  static final int BLOCK_WORDS = 1 << 14;

  public static final int BLOCK_BYTES = BLOCK_WORDS * Integer.BYTES;

  /**
   * From each word to the partner it is mixed with, a round each: 2^rounds words reach each one.
   */
  private static final int[] STRIDES = {1, 17, 257, 4_099};

  // The multipliers of MurmurHash3's finaliser (Appleby, 2011), and of its golden-ratio ancestor.
  private static final int MULTIPLIER = 0x85EBCA6B;
  private static final int SECOND_MULTIPLIER = 0xC2B2AE35;
  private static final int STEP = 0x9E3779B9;

  private final int[][] blocks;

  private MemoryTable(int[][] blocks) {
    this.blocks = blocks;
  }

  /** Fills a table. */
  static MemoryTable filled(Challenge challenge) throws ProofFailure, InterruptedException {
    int[][] blocks = new int[challenge.size().blocks()][];
    int[] scratch = new int[BLOCK_WORDS];
    try {
      for (int block = 0; block < blocks.length; block++) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        blocks[block] =
            block == 0
                ? first(challenge)
                : made(
                    challenge,
                    block,
                    blocks[block - 1],
                    blocks[farParent(challenge, block)],
                    scratch);
      }
    } catch (OutOfMemoryError e) {
      throw new ProofFailure(
          "there is no memory for a table of "
              + (challenge.size().tableBytes() >> 20)
              + " MiB in this process");
    }
    return new MemoryTable(blocks);
  }

  byte[] block(int block) {
    return bytes(blocks[block]);
  }

  int[] words(int block) {
    return blocks[block];
  }

  /** The first block. */
  static int[] first(Challenge challenge) {
    CounterRandom random = new CounterRandom(challenge.key(), 0, 0, 0, Purpose.PROOF_FIRST_BLOCK);
    int[] words = new int[BLOCK_WORDS];
    for (int i = 0; i < words.length; i++) {
      words[i] = random.bits(i);
    }
    return words;
  }

  /** The second parent of a block, from 1: any of those before it. */
  static int farParent(Challenge challenge, int block) {
    return edge(challenge, block).below(block, 0);
  }

  private static CounterRandom edge(Challenge challenge, int block) {
    return new CounterRandom(challenge.key(), 0, 0, block, Purpose.PROOF_EDGE);
  }

  /** A block, from 1, that follows from the one before and from its far parent. */
  static int[] made(Challenge challenge, int block, int[] before, int[] farParent) {
    return made(challenge, block, before, farParent, new int[BLOCK_WORDS]);
  }

  private static int[] made(
      Challenge challenge, int block, int[] before, int[] farParent, int[] scratch) {
    int[] words = new int[BLOCK_WORDS];
    mix(words, before, farParent, edge(challenge, block).below(BLOCK_WORDS, 1));
    // Two rounds a turn, so that the last one ends where it should.
    for (int round = 0; round < STRIDES.length; round += 2) {
      mix(scratch, words, words, STRIDES[round]);
      mix(words, scratch, scratch, STRIDES[round + 1]);
    }
    return words;
  }

  /** {@code to[i] = f(a[i] + b[i + shift])}, places modulo the length. */
  private static void mix(int[] to, int[] a, int[] b, int shift) {
    int whole = BLOCK_WORDS - shift;
    for (int i = 0; i < whole; i++) {
      int t = (a[i] + b[i + shift] + STEP) * MULTIPLIER;
      to[i] = t ^ (t >>> 15);
    }
    for (int i = whole; i < BLOCK_WORDS; i++) {
      int t = (a[i] + b[i - whole] + STEP) * MULTIPLIER;
      to[i] = t ^ (t >>> 15);
    }
  }

  /** Where the walk begins. */
  static int firstPosition(Challenge challenge) {
    return new CounterRandom(challenge.key(), 0, 0, 0, Purpose.PROOF_WALK).bits(0);
  }

  /** The block that is read at a position. */
  static int blockAt(Challenge challenge, int position) {
    return (int) (((position & 0xffff_ffffL) * challenge.size().blocks()) >>> 32);
  }

  /**
   * The position after a step. The sum is over a function of word and position that is not linear
   * in either, so that no summary of a block can stand for it.
   */
  static int nextPosition(int position, int step, int[] words) {
    int sum = 0;
    for (int i = 0; i < words.length; i++) {
      int t = (words[i] + position) * MULTIPLIER;
      t = (t ^ (t >>> 13)) * SECOND_MULTIPLIER;
      sum += t ^ (t >>> 16);
    }
    int t = (sum + step * STEP) * SECOND_MULTIPLIER;
    return t ^ (t >>> 16);
  }

  /** Words as little-endian bytes. */
  static byte[] bytes(int[] words) {
    ByteBuffer buffer =
        ByteBuffer.allocate(words.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(words);
    return buffer.array();
  }

  static int[] words(byte[] bytes) {
    int[] words = new int[bytes.length / Integer.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
    return words;
  }
}
