package io.shardex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AggregationTest {
  private static final ModelSpec MODEL = new ModelSpec.Mlp(List.of(20, 30, 5), Activation.RELU, 1);
  private static final RoundModel BASE =
      new RoundModel(MODEL, 2, Parameters.of(new float[MODEL.parameterCount()]));

  private static TrainingSpec spec(int shards, int samples) {
    return new TrainingSpec(
        MODEL, new LocalSpec.Sgd(1, 0, 4, 1), OuterSpec.AVERAGE, shards, 5, samples);
  }

  private static ShardResult result(TrainingSpec spec, int shard, float[] values) {
    int samples = spec.range(shard).count();
    return new ShardResult(
        MODEL, 2, shard, samples, spec.local().steps(samples), 0, Parameters.of(values));
  }

  private static List<ShardResult> random(TrainingSpec spec, Random random) {
    List<ShardResult> results = new ArrayList<>();
    for (int shard = 0; shard < spec.shards(); shard++) {
      float[] values = new float[MODEL.parameterCount()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      results.add(result(spec, shard, values));
    }
    return results;
  }

  @Test
  void theAverageIsTheExactOneRoundedOnce() {
    TrainingSpec spec = spec(7, 1_000);
    List<ShardResult> results = random(spec, new Random(1));
    RoundModel next = Aggregation.next(spec, BASE, results);
    assertEquals(3, next.round());
    for (int i = 0; i < MODEL.parameterCount(); i++) {
      BigDecimal sum = BigDecimal.ZERO;
      for (ShardResult result : results) {
        sum =
            sum.add(
                BigDecimal.valueOf(result.samples())
                    .multiply(new BigDecimal(result.parameters().get(i))));
      }
      float exact = sum.divide(BigDecimal.valueOf(1_000), new MathContext(60)).floatValue();
      assertEquals(exact, next.parameters().get(i));
    }
  }

  @Test
  void sumsRunUpwardsOverTheShardsInDouble() {
    TrainingSpec spec = spec(3, 3);
    float[][] values = new float[3][MODEL.parameterCount()];
    values[0][0] = 0x1p60f;
    values[1][0] = 1;
    values[2][0] = -0x1p60f;
    List<ShardResult> results = new ArrayList<>();
    for (int shard = 0; shard < 3; shard++) {
      results.add(result(spec, shard, values[shard]));
    }
    assertEquals(0f, Aggregation.next(spec, BASE, results).parameters().get(0));
  }

  @Test
  void largestFloatsDoNotOverflow() {
    TrainingSpec spec = spec(2, 101);
    float[] values = new float[MODEL.parameterCount()];
    values[3] = Float.MAX_VALUE;
    List<ShardResult> results = List.of(result(spec, 0, values), result(spec, 1, values));
    assertEquals(Float.MAX_VALUE, Aggregation.next(spec, BASE, results).parameters().get(3));
  }

  @Test
  void missingOrMisplacedResultsAreRefused() {
    TrainingSpec spec = spec(3, 30);
    List<ShardResult> results = random(spec, new Random(2));
    refused("expected the results of 3 shards, but there are 2", spec, BASE, results.subList(0, 2));
    refused(
        "expected the result of round 2 shard 0, but it is of round 2 shard 1",
        spec,
        BASE,
        List.of(results.get(1), results.get(0), results.get(2)));
    refused(
        "expected the result of round 1 shard 0, but it is of round 2 shard 0",
        spec,
        new RoundModel(MODEL, 1, BASE.parameters()),
        results);
  }

  private static void refused(
      String message, TrainingSpec spec, RoundModel base, List<ShardResult> results) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Aggregation.next(spec, base, results))
            .getMessage());
  }
}
