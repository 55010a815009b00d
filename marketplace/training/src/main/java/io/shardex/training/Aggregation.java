package io.shardex.training;

import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;
import java.util.List;

/**
 * The outer step, version 1: folds the shards' results into the next round's model.
 *
 * <p>{@code AVERAGE}: parameter p becomes {@code (float) (sum / samples)}, the sum over the shards
 * in ascending order of {@code (double) samples_s * p_s} in binary64 (each product is exact),
 * samples the sum of all weights; one division and one rounding to binary32.
 */
public final class Aggregation {
  private Aggregation() {}

  /**
   * The model after a round.
   *
   * @param base the model the round started from
   * @param results one result a shard, in the order of the shards
   */
  public static RoundModel next(TrainingSpec spec, RoundModel base, List<ShardResult> results) {
    requireWhole(spec, base, results);
    Parameters parameters =
        switch (spec.outer()) {
          case AVERAGE -> average(base.parameters().count(), results);
        };
    return new RoundModel(spec.model(), base.round() + 1, parameters);
  }

  private static void requireWhole(TrainingSpec spec, RoundModel base, List<ShardResult> results) {
    if (results.size() != spec.shards()) {
      throw new IllegalArgumentException(
          "expected the results of %d shards, but there are %d"
              .formatted(spec.shards(), results.size()));
    }
    for (int shard = 0; shard < results.size(); shard++) {
      ShardResult result = results.get(shard);
      if (result.shard() != shard || result.round() != base.round()) {
        throw new IllegalArgumentException(
            "expected the result of round %d shard %d, but it is of round %d shard %d"
                .formatted(base.round(), shard, result.round(), result.shard()));
      }
    }
  }

  private static Parameters average(int count, List<ShardResult> results) {
    double[] sums = new double[count];
    long samples = 0;
    for (ShardResult result : results) {
      double weight = result.samples();
      samples += result.samples();
      for (int i = 0; i < count; i++) {
        sums[i] = sums[i] + weight * result.parameters().get(i);
      }
    }
    float[] average = new float[count];
    for (int i = 0; i < count; i++) {
      average[i] = (float) (sums[i] / samples);
    }
    return Parameters.of(average);
  }
}
