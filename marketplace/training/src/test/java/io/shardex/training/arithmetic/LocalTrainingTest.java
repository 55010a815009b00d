package io.shardex.training.arithmetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.SyntheticSamples;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.ModelSpec.Image;
import io.shardex.training.spec.ModelSpec.Stage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalTrainingTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void anyPerceptronOnAnyLanesEqualsTheSlowReferenceBitForBit(int seed) {
    Random random = new Random(seed);
    List<Integer> widths = new ArrayList<>();
    for (int i = random.nextInt(2, 5); i > 0; i--) {
      widths.add(random.nextInt(1, 80));
    }
    widths.add(random.nextInt(2, 50));
    equalsTheReference(seed, new ModelSpec.Mlp(widths, Activation.RELU, random.nextLong()), random);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void anyConvolutionalNetworkOnAnyLanesEqualsTheSlowReferenceBitForBit(int seed) {
    Random random = new Random(seed);
    Image image = new Image(random.nextInt(4, 11), random.nextInt(4, 11), random.nextInt(1, 4));
    List<Stage> stages = new ArrayList<>();
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      stages.add(new Stage(1 + 2 * random.nextInt(4), random.nextInt(1, 7)));
    }
    List<Integer> dense = new ArrayList<>();
    if (random.nextBoolean()) {
      dense.add(random.nextInt(1, 40));
    }
    dense.add(random.nextInt(2, 12));
    equalsTheReference(
        seed, new ModelSpec.Cnn(image, stages, dense, Activation.RELU, random.nextLong()), random);
  }

  private static void equalsTheReference(int seed, ModelSpec model, Random random) {
    int batch = random.nextInt(1, 40);
    int epochs = random.nextInt(1, 3);
    LocalSpec local =
        random.nextBoolean()
            ? new LocalSpec.Sgd(0.02f, random.nextFloat(), batch, epochs)
            : new LocalSpec.Adam(0.01f, random.nextFloat(), 0.99f, 1e-8f, batch, epochs);
    Samples samples =
        SyntheticSamples.of(
            seed,
            random.nextInt(1, model instanceof ModelSpec.Mlp ? 90 : 30),
            model.inputs(),
            model.classes());
    RoundModel base = new RoundModel(model, 3, InitialModel.of(model).parameters());

    ReferenceTraining reference = new ReferenceTraining(base, local);
    for (int epoch = 0; epoch < epochs; epoch++) {
      reference.epoch(samples, SampleOrder.of(model.seed(), 3, 9, epoch, samples.count()));
    }

    for (int count = 1; count <= 3; count++) {
      try (Lanes lanes = Lanes.of(count)) {
        LocalTraining training = new LocalTraining(base, local, 9, samples, lanes);
        while (training.step() < training.steps()) {
          assertTrue(training.advance());
        }
        assertEquals(Parameters.of(reference.parameters()), training.parameters());
        assertEquals(reference.lossSum, training.lossSum());
        assertEquals((long) samples.count() * epochs, training.visited());
      }
    }
  }

  static List<ModelSpec> smallModels() {
    Image image = new Image(3, 4, 1);
    List<Stage> stages = List.of(new Stage(3, 6));
    return List.of(
        new ModelSpec.Mlp(List.of(12, 40, 9, 4), Activation.RELU, 5),
        new ModelSpec.Cnn(image, stages, List.of(9, 4), Activation.RELU, 5));
  }

  @ParameterizedTest
  @MethodSource("smallModels")
  void theStepFollowsTheSlopeOfTheLoss(ModelSpec model) {
    Samples samples = SyntheticSamples.of(1, 16, 12, 4);
    RoundModel base = InitialModel.of(model);
    float rate = 0x1p-7f;
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training =
          new LocalTraining(base, new LocalSpec.Sgd(rate, 0, 16, 1), 0, samples, lanes);
      training.advance();
      Parameters after = training.parameters();
      for (int p = 0; p < model.parameterCount(); p += 7) {
        double gradient = (base.parameters().get(p) - after.get(p)) / rate;
        double slope =
            (loss(model, base, p, 0x1p-12f, samples, lanes)
                    - loss(model, base, p, -0x1p-12f, samples, lanes))
                / (2 * 0x1p-12f);
        assertEquals(slope, gradient, 2e-3 + 0.02 * Math.abs(slope), "parameter " + p);
      }
    }
  }

  private static double loss(
      ModelSpec model, RoundModel base, int p, float move, Samples samples, Lanes lanes) {
    float[] values = new float[model.parameterCount()];
    base.parameters().copyTo(0, values);
    values[p] += move;
    RoundModel moved = new RoundModel(model, 0, Parameters.of(values));
    return Inference.score(moved, samples, lanes).lossSum() / samples.count();
  }

  @Test
  void theStateIsParametersMomentumStepAndLoss() {
    ModelSpec.Mlp model = new ModelSpec.Mlp(List.of(3, 2), Activation.RELU, 5);
    LocalSpec.Sgd sgd = new LocalSpec.Sgd(0.5f, 0.5f, 1, 1);
    Samples samples = SyntheticSamples.of(1, 2, 3, 2);
    RoundModel base = InitialModel.of(model);
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training = new LocalTraining(base, sgd, 0, samples, lanes);
      training.advance();
      ByteBuffer state = training.stateBuffer();
      training.writeState(state);
      assertEquals((8 + 8) * 4 + 16, state.remaining());
      Parameters after = training.parameters();
      for (int p = 0; p < 8; p++) {
        assertEquals(after.get(p), state.getFloat(4 * p));
        float velocity = state.getFloat(4 * (8 + p));
        assertEquals(after.get(p), base.parameters().get(p) - 0.5f * velocity);
      }
      assertEquals(1, state.getLong(64));
      assertEquals(training.lossSum(), state.getDouble(72));
    }
  }

  @Test
  void theStateOfAdamIsParametersBothMomentsProductsStepAndLoss() {
    ModelSpec.Mlp model = new ModelSpec.Mlp(List.of(3, 2), Activation.RELU, 5);
    LocalSpec.Adam adam = new LocalSpec.Adam(0.5f, 0.75f, 0.5f, 1e-8f, 1, 1);
    Samples samples = SyntheticSamples.of(1, 3, 3, 2);
    RoundModel base = InitialModel.of(model);
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training = new LocalTraining(base, adam, 0, samples, lanes);
      ByteBuffer state = training.stateBuffer();
      training.writeState(state);
      assertEquals(1, state.getFloat(96));
      assertEquals(1, state.getFloat(100));
      training.advance();
      training.writeState(state);
      assertEquals(3 * 8 * 4 + 8 + 16, state.remaining());
      Parameters after = training.parameters();
      for (int p = 0; p < 8; p++) {
        float gradient = state.getFloat(4 * (8 + p)) / 0.25f;
        assertEquals(after.get(p), state.getFloat(4 * p));
        assertEquals(0.5f * (gradient * gradient), state.getFloat(4 * (16 + p)));
        float moved = base.parameters().get(p) - Math.signum(gradient) * 0.5f;
        assertEquals(moved, after.get(p), 1e-5, "the first step is as long as the rate");
      }
      training.advance();
      training.writeState(state);
      assertEquals(0.75f * 0.75f, state.getFloat(96));
      assertEquals(0.25f, state.getFloat(100));
      assertEquals(2, state.getLong(104));
      assertEquals(training.lossSum(), state.getDouble(112));
    }
  }

  @Test
  void anInfiniteWeightMakesTheStepDiverge() {
    ModelSpec.Mlp model = new ModelSpec.Mlp(List.of(3, 40, 2), Activation.RELU, 5);
    float[] values = new float[model.parameterCount()];
    values[0] = Float.POSITIVE_INFINITY;
    RoundModel base = new RoundModel(model, 0, Parameters.of(values));
    LocalSpec.Sgd sgd = new LocalSpec.Sgd(0.5f, 0.5f, 1, 1);
    Samples samples = SyntheticSamples.of(1, 2, 3, 2);
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training = new LocalTraining(base, sgd, 0, samples, lanes);
      assertFalse(training.finite());
      assertFalse(training.advance());
      assertEquals(1, training.step());
    }
  }
}
