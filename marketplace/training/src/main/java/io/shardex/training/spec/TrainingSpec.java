package io.shardex.training.spec;

/**
 * A whole training job as the arithmetic sees it.
 *
 * @param shards 1 to 10,000, at most one a sample
 * @param rounds 1 to 100,000
 * @param trainImages training samples, 1 to 2^29; times the local epochs less than 2^31
 */
public record TrainingSpec(
    ModelSpec model, LocalSpec local, OuterSpec outer, int shards, int rounds, int trainImages) {

  public TrainingSpec {
    Check.range("shards", shards, 1, 10_000);
    Check.range("rounds", rounds, 1, 100_000);
    Check.range("train images", trainImages, 1, 1 << 29);
    Check.require(
        shards <= trainImages, "shards", "at most the " + trainImages + " train images", shards);
    long visits = (long) local.epochs() * trainImages;
    Check.range("local epochs times train images", visits, 1, Integer.MAX_VALUE);
  }

  /**
   * The samples of a shard: a contiguous slice, floor(shard * n / shards) up to but not including
   * floor((shard + 1) * n / shards) of the n training samples.
   */
  public SampleRange range(int shard) {
    Check.range("shard", shard, 0, shards - 1L);
    return new SampleRange(bound(shard), bound(shard + 1));
  }

  private int bound(int shard) {
    return Math.toIntExact((long) shard * trainImages / shards);
  }
}
