package io.shardex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static ModelSpec mlp(Integer... layers) {
    return new ModelSpec.Mlp(List.of(layers), Activation.RELU, 1);
  }

  @Test
  void theExamplesShardIsAboutEightThousandUnits() {
    TrainingSpec spec =
        new TrainingSpec(
            mlp(784, 256, 10),
            new LocalSpec.Sgd(0.05f, 0.9f, 32, 1),
            OuterSpec.AVERAGE,
            6,
            10,
            60_000);
    assertEquals(8_437, Workload.workUnits(spec, 0));
  }

  @Test
  void everyProductAndSumOfTheLoopsIsCounted() {
    LocalSpec local = new LocalSpec.Sgd(0.05f, 0.9f, 4, 3);
    long operations = 0;
    int[][] layers = {{5, 4}, {4, 3}, {3, 2}};
    for (int epoch = 0; epoch < 3; epoch++) {
      for (int at = 0; at < 10; at += 4) {
        for (int sample = at; sample < Math.min(10, at + 4); sample++) {
          for (int[] layer : layers) {
            operations += 2L * layer[0] * layer[1];
            operations += 2L * layer[0] * layer[1];
            operations += layer == layers[0] ? 0 : 2L * layer[0] * layer[1];
          }
        }
        for (int[] layer : layers) {
          operations += 4L * (layer[0] + 1) * layer[1];
        }
      }
    }
    assertEquals(operations, Workload.operations(mlp(5, 4, 3, 2), local, 10));
  }

  @Test
  void aConvolutionCountsEveryPlaceAndAdamThirteenAParameter() {
    ModelSpec cnn =
        new ModelSpec.Cnn(
            new ModelSpec.Image(28, 28, 1),
            List.of(new ModelSpec.Stage(5, 16), new ModelSpec.Stage(5, 32)),
            List.of(128, 10),
            Activation.RELU,
            7);
    LocalSpec adam = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 64, 1);
    long first = 28 * 28 * 16 * 25;
    long products = first + 14 * 14 * 32 * 16 * 25 + 1_568 * 128 + 128 * 10;
    assertEquals(
        10_000 * 2 * (3 * products - first) + 157 * 13 * 215_370,
        Workload.operations(cnn, adam, 10_000));
  }

  @Test
  void aStartedUnitCountsWhole() {
    TrainingSpec spec =
        new TrainingSpec(mlp(2, 2), new LocalSpec.Sgd(1, 0, 1, 1), OuterSpec.AVERAGE, 1, 1, 1);
    assertEquals(1, Workload.workUnits(spec, 0));
  }

  @Test
  void theLargestJobDoesNotOverflow() {
    TrainingSpec spec =
        new TrainingSpec(
            mlp(16, 16, 65_536, 230, 2),
            new LocalSpec.Sgd(1, 0, 1, 1000),
            OuterSpec.AVERAGE,
            1,
            1,
            2_147_483);
    long products = 16 * 16 + 16 * 65_536 + 65_536 * 230 + 230 * 2;
    long parameters = products + 16 + 65_536 + 230 + 2;
    BigInteger aSample = BigInteger.valueOf(2 * (3 * products - 16 * 16) + 4 * parameters);
    BigInteger all = aSample.multiply(BigInteger.valueOf(2_147_483_000L));
    assertEquals(
        all.divide(BigInteger.valueOf(1_000_000)).add(BigInteger.ONE),
        BigInteger.valueOf(Workload.workUnits(spec, 0)));
  }

  @Test
  void aTransformersTokensPayForEveryProductTheyNeed() {
    ModelSpec model = new ModelSpec.Transformer(7, 5, 6, 2, 3, 1);
    long forward = 0;
    for (int token = 0; token < 5; token++) {
      for (int block = 0; block < 3; block++) {
        forward += 6 * 18 + 6 * 6 + 6 * 24 + 24 * 6;
        forward += 2L * 6 * (token + 1);
      }
      forward += 6 * 7;
    }
    long sample = 3 * 2 * forward;
    LocalSpec local = new LocalSpec.Sgd(0.05f, 0.9f, 4, 3);
    long steps = 3 * 3 * 4L * model.parameterCount();
    assertEquals(3 * 10 * sample + steps, Workload.operations(model, local, 10));
  }

  @Test
  void aBuildersOwnModuleCostsWhatItDeclaresAndTheUpdate() {
    ModelSpec module =
        new ModelSpec.TorchScript(
            List.of(
                new ModelSpec.Tensor("fc.weight", List.of(10, 4)),
                new ModelSpec.Tensor("fc.bias", List.of(10))),
            new ModelSpec.Image(2, 2, 1),
            10,
            1_234_567,
            1);
    LocalSpec adam = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 32, 2);
    // Two epochs of 100 samples, in 4 steps each.
    assertEquals(200L * 1_234_567 + 8 * 13 * 50, Workload.operations(module, adam, 100));
  }
}
