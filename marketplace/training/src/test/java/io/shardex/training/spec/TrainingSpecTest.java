package io.shardex.training.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.spec.ModelSpec.Activation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TrainingSpecTest {
  private static final LocalSpec SGD = new LocalSpec.Sgd(0.05f, 0.9f, 32, 1);
  private static final ModelSpec MODEL = mlp(784, 256, 10);

  private static ModelSpec.Mlp mlp(Integer... layers) {
    return new ModelSpec.Mlp(List.of(layers), Activation.RELU, 7);
  }

  private static TrainingSpec spec(int shards, int rounds, int images) {
    return new TrainingSpec(MODEL, SGD, OuterSpec.AVERAGE, shards, rounds, images);
  }

  private static void refused(String message, Executable creation) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, creation).getMessage());
  }

  @Test
  void theExampleHasItsShape() {
    assertEquals(784, MODEL.inputs());
    assertEquals(10, MODEL.classes());
    assertEquals(784 * 256 + 256 + 2560 + 10, MODEL.parameterCount());
    assertEquals(313, SGD.steps(10_000));
    assertEquals(new SampleRange(50_000, 60_000), spec(6, 10, 60_000).range(5));
  }

  @Test
  void shardsTileTheSamplesWithSizesThatDifferByOneAtMost() {
    for (int images = 7; images < 40; images++) {
      TrainingSpec spec = spec(7, 1, images);
      int next = 0;
      for (int shard = 0; shard < 7; shard++) {
        SampleRange range = spec.range(shard);
        assertEquals(next, range.from());
        assertEquals(images / 7.0, range.count(), 1);
        next = range.to();
      }
      assertEquals(images, next);
    }
  }

  @Test
  void aBadModelIsRefusedByName() {
    refused("expected model.layers count to be 2 to 16, but it is 1", () -> mlp(10));
    refused("expected model.layers[0] to be 1 to 65536, but it is 0", () -> mlp(0, 10));
    refused("expected model.layers[1] to be 2 to 256, but it is 1", () -> mlp(3, 1));
    refused("expected model.layers[1] to be 2 to 256, but it is 257", () -> mlp(3, 257));
    refused(
        "expected model parameters to be 1 to 16777216, but it is 4295163900",
        () -> mlp(1, 65_536, 65_534, 2));
  }

  @Test
  void badLocalTrainingIsRefusedByName() {
    refused(
        "expected local.learningRate to be greater than 0 and at most 1000, but it is 0.0",
        () -> new LocalSpec.Sgd(0, 0, 1, 1));
    refused(
        "expected local.learningRate to be greater than 0 and at most 1000, but it is NaN",
        () -> new LocalSpec.Sgd(Float.NaN, 0, 1, 1));
    refused(
        "expected local.momentum to be at least 0 and less than 1, but it is 1.0",
        () -> new LocalSpec.Sgd(1, 1, 1, 1));
    refused(
        "expected local.batchSize to be 1 to 4096, but it is 0",
        () -> new LocalSpec.Sgd(1, 0, 0, 1));
    refused(
        "expected local.epochs to be 1 to 1000, but it is 1001",
        () -> new LocalSpec.Sgd(1, 0, 1, 1001));
  }

  @Test
  void aBadJobIsRefusedByName() {
    refused("expected shards to be 1 to 10000, but it is 0", () -> spec(0, 1, 10));
    refused(
        "expected shards to be at most the 10 train images, but it is 11", () -> spec(11, 1, 10));
    refused("expected rounds to be 1 to 100000, but it is 0", () -> spec(1, 0, 10));
    refused("expected train images to be 1 to 536870912, but it is 0", () -> spec(1, 1, 0));
    refused("expected shard to be 0 to 5, but it is 6", () -> spec(6, 1, 10).range(6));
    refused(
        "expected local epochs times train images to be 1 to 2147483647, but it is 536870912000",
        () ->
            new TrainingSpec(
                MODEL, new LocalSpec.Sgd(1, 0, 1, 1000), OuterSpec.AVERAGE, 1, 1, 1 << 29));
    refused(
        "expected sample range to be rising from 0 or more, but it is 3..3",
        () -> new SampleRange(3, 3));
  }
}
