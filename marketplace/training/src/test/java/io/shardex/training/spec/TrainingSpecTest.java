package io.shardex.training.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.ModelSpec.Image;
import io.shardex.training.spec.ModelSpec.Stage;
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

  private static ModelSpec.Cnn cnn(int rows, int columns, int channels, Stage... stages) {
    Image image = new Image(rows, columns, channels);
    return new ModelSpec.Cnn(image, List.of(stages), List.of(128, 10), Activation.RELU, 7);
  }

  @Test
  void theConvolutionalExampleHasItsShape() {
    ModelSpec.Cnn cnn = cnn(28, 28, 1, new Stage(5, 16), new Stage(5, 32));
    assertEquals(784, cnn.inputs());
    assertEquals(10, cnn.classes());
    assertEquals(416 + 12_832 + 200_832 + 1_290, cnn.parameterCount());
    assertEquals(List.of(313_600L, 2_508_800L, 200_704L, 1_280L), cnn.products());
    assertEquals(784 + 12_544 + 3_136 + 6_272 + 1_568 + 138, cnn.units());
    assertEquals(401 * 784, cnn.laneFloats());
  }

  @Test
  void aBadConvolutionalNetworkIsRefusedByName() {
    refused("expected image rows to be 1 to 1024, but it is 0", () -> cnn(0, 28, 1));
    refused("expected image channels to be 1 to 1024, but it is 1025", () -> cnn(1, 1, 1025));
    refused(
        "expected model.image values to be 1 to 65536, but it is 1048576",
        () -> cnn(1024, 1024, 1));
    refused("expected model.stages count to be 1 to 8, but it is 0", () -> cnn(28, 28, 1));
    refused("expected kernel to be odd and 1 to 11, but it is 4", () -> new Stage(4, 1));
    refused("expected kernel to be odd and 1 to 11, but it is 13", () -> new Stage(13, 1));
    refused("expected stage channels to be 1 to 1024, but it is 1025", () -> new Stage(3, 1025));
    refused(
        "expected model.stages[1] smaller side of its image to be 2 to 1024, but it is 1",
        () -> cnn(3, 28, 1, new Stage(3, 1), new Stage(3, 1)));
    refused(
        "expected model.stages[0] floats of its unfolded image to be 1 to 16777216, but it is 97141520",
        () -> cnn(28, 28, 1, new Stage(11, 1024)));
    refused(
        "expected model parameters to be 1 to 16777216, but it is 25693578",
        () -> cnn(28, 28, 1, new Stage(1, 1024)));
    refused(
        "expected model.dense[0] to be 2 to 256, but it is 1",
        () ->
            new ModelSpec.Cnn(
                new Image(4, 4, 1), List.of(new Stage(1, 1)), List.of(1), Activation.RELU, 7));
  }

  @Test
  void badAdamIsRefusedByName() {
    refused(
        "expected local.beta1 to be at least 0 and less than 1, but it is 1.0",
        () -> new LocalSpec.Adam(1, 1, 0, 1e-8f, 1, 1));
    refused(
        "expected local.beta2 to be at least 0 and less than 1, but it is -0.5",
        () -> new LocalSpec.Adam(1, 0, -0.5f, 1e-8f, 1, 1));
    refused(
        "expected local.epsilon to be at least 1.0E-30 and at most 1, but it is 0.0",
        () -> new LocalSpec.Adam(1, 0, 0, 0, 1, 1));
    refused(
        "expected local.batchSize to be 1 to 4096, but it is 4097",
        () -> new LocalSpec.Adam(1, 0, 0, 1, 4097, 1));
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

  @Test
  void aBadTransformerIsRefusedByName() {
    refused(
        "expected model.vocabulary to be 2 to 256, but it is 257",
        () -> new ModelSpec.Transformer(257, 64, 64, 4, 2, 7));
    refused(
        "expected model.window to be 2 to 1024, but it is 1",
        () -> new ModelSpec.Transformer(128, 1, 64, 4, 2, 7));
    refused(
        "expected model.width to be a multiple of 5, but it is 64",
        () -> new ModelSpec.Transformer(128, 64, 64, 5, 2, 7));
    refused(
        "expected model.heads to be 1 to 64, but it is 0",
        () -> new ModelSpec.Transformer(128, 64, 64, 0, 2, 7));
    refused(
        "expected model.blocks to be 1 to 32, but it is 33",
        () -> new ModelSpec.Transformer(128, 64, 64, 4, 33, 7));
    refused(
        "expected model heads x window x window to be 4 to 4194304, but it is 8388608",
        () -> new ModelSpec.Transformer(128, 1_024, 64, 8, 2, 7));
    refused(
        "expected model parameters to be 1 to 16777216, but it is 25784576",
        () -> new ModelSpec.Transformer(256, 64, 1_024, 4, 2, 7));
  }

  @Test
  void theReferenceLanguageModelHasAbout120ThousandParameters() {
    ModelSpec model = new ModelSpec.Transformer(128, 64, 64, 4, 2, 7);
    int block = 2 * 128 + 65 * 192 + 65 * 64 + 65 * 256 + 257 * 64;
    assertEquals(128 * 64 + 64 * 64 + 2 * block + 128 + 65 * 128, model.parameterCount());
    assertEquals(120_704, model.parameterCount());
  }

  private static ModelSpec.TorchScript module(
      int classes, long flops, ModelSpec.Tensor... tensors) {
    return new ModelSpec.TorchScript(List.of(tensors), new Image(4, 4, 1), classes, flops, 7);
  }

  private static ModelSpec.Tensor tensor(String name, Integer... shape) {
    return new ModelSpec.Tensor(name, List.of(shape));
  }

  @Test
  void aBuildersOwnModuleIsItsTensors() {
    ModelSpec.TorchScript module = module(10, 100, tensor("a.weight", 2, 3, 4), tensor("b"));
    assertEquals(25, module.parameterCount());
    assertEquals(16, module.inputs());
    assertEquals(1, module.labels());
    assertThrows(IllegalArgumentException.class, module::layered);
  }

  @Test
  void aBadModuleIsRefusedByName() {
    refused("expected model tensors to be 1 to 1024, but it is 0", () -> module(2, 100));
    refused("expected model.classes to be 2 to 256, but it is 1", () -> module(1, 9, tensor("a")));
    refused(
        "expected model.flopsPerSample to be 48 to 1000000000000, but it is 47",
        () -> module(2, 47, tensor("a", 4, 6)));
    refused(
        "expected tensor name to be 1 to 128 letters, digits, dots, dashes and underscores,"
            + " but it is 'a\"?b'",
        () -> tensor("a\"\u00e4b"));
    refused(
        "expected extent of tensor a to be 1 to 16777216, but it is 0", () -> tensor("a", 3, 0));
    refused(
        "expected numbers of tensor a to be 1 to 16777216, but it is 33554432",
        () -> tensor("a", 1 << 24, 2, 1 << 24));
    refused(
        "expected rank of tensor a to be 0 to 8, but it is 9",
        () -> tensor("a", 1, 1, 1, 1, 1, 1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> module(2, 1_000, tensor("a", 2), tensor("a", 3)));
    refused(
        "expected model parameters to be 1 to 16777216, but it is 16777217",
        () -> module(2, 1L << 30, tensor("a", 1 << 24), tensor("b")));
  }
}
