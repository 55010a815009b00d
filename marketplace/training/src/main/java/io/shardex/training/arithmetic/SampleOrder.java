package io.shardex.training.arithmetic;

import io.shardex.training.arithmetic.CounterRandom.Purpose;

/** In which order a local epoch visits its shard's samples. */
public final class SampleOrder {
  private SampleOrder() {}

  /**
   * A permutation of 0 to count - 1 by Fisher and Yates: for i from count - 1 down to 1, position i
   * is swapped with position {@code below(i + 1)} of index i.
   */
  public static int[] of(long seed, int round, int shard, int epoch, int count) {
    CounterRandom random = new CounterRandom(seed, round, shard, epoch, Purpose.SAMPLE_ORDER);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    for (int i = count - 1; i >= 1; i--) {
      int other = random.below(i + 1, i);
      int moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    return order;
  }
}
