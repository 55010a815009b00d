package io.shardex.training.arithmetic;

/**
 * Random values by address: value = f(seed, round, shard, step, purpose, index). No value depends
 * on another one, so any step can be repeated alone.
 *
 * <p>The generator is {@link Philox}; the key is the seed (low word first), the counter is (index,
 * step, shard, round * 256 + purpose number).
 *
 * @param round 0 to 2^24 - 1
 * @param step meaning given by the purpose
 */
public record CounterRandom(long seed, int round, int shard, int step, Purpose purpose) {

  /** What the values are for; each has a number of its own for ever. */
  public enum Purpose {
    /** Step is the layer, index the weight's place in it. */
    INITIAL_WEIGHTS(1),
    /** Step is the local epoch, index the position that is filled. */
    SAMPLE_ORDER(2),
    /** Samples made up for tests and self-tests; step is the sample, index the feature. */
    SYNTHETIC_DATA(3),
    /** A proof's fixed factor; step is the row, index the column. */
    PROOF_FACTOR(4),
    /** The matrix a proof's chain starts with; step is the row, index the column. */
    PROOF_START(5),
    /** Words of a proof's first block. */
    PROOF_FIRST_BLOCK(6),
    /** How a proof's block is made; step is the block, index 0 its far parent, 1 the shift. */
    PROOF_EDGE(7),
    /** Where a proof's walk begins. */
    PROOF_WALK(8),
    /** What is opened of a proof; step says of which part. */
    PROOF_OPENED(9),
    /** Vectors that opened products are tried with; step is the place of the opened link. */
    PROOF_VECTOR(10);

    private final int number;

    Purpose(int number) {
      this.number = number;
    }
  }

  public CounterRandom {
    if (round < 0 || round >= 1 << 24) {
      throw new IllegalArgumentException("expected a round of 0 to 2^24 - 1, but it is " + round);
    }
  }

  /** 32 random bits. */
  public int bits(int index) {
    int last = round << 8 | purpose.number;
    return Philox.first(index, step, shard, last, (int) seed, (int) (seed >>> 32));
  }

  /** A value in [0, 1): the upper 24 bits times 2^-24. */
  public float unit(int index) {
    return (bits(index) >>> 8) * 0x1p-24f;
  }

  /** A value from 0 to bound - 1: the upper word of bits times bound. */
  public int below(int bound, int index) {
    return (int) (((bits(index) & 0xffff_ffffL) * bound) >>> 32);
  }
}
