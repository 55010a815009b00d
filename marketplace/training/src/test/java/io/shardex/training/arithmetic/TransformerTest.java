package io.shardex.training.arithmetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerTest {
  private static final ModelSpec.Transformer SMALL = new ModelSpec.Transformer(11, 9, 12, 3, 2, 7);

  private static Samples text(long seed, int windows, ModelSpec.Transformer model) {
    Random random = new Random(seed);
    byte[] text = new byte[windows * model.window() + 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) random.nextInt(model.vocabulary());
    }
    return Samples.windows(text, model.window());
  }

  /** Gains and biases away from their start, so that every parameter has a say. */
  private static RoundModel shaken(ModelSpec.Transformer model, long seed) {
    Random random = new Random(seed);
    Parameters start = InitialModel.of(model).parameters();
    float[] values = new float[start.count()];
    for (int p = 0; p < values.length; p++) {
      values[p] = start.get(p) + 0.2f * (random.nextFloat() - 0.5f);
    }
    return new RoundModel(model, 0, Parameters.of(values));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aStepOfAnyTransformerOnAnyLanesEqualsTheSlowReferenceBitForBit(int seed) {
    Random random = new Random(seed);
    int heads = random.nextInt(1, 4);
    ModelSpec.Transformer model =
        new ModelSpec.Transformer(
            random.nextInt(2, 50),
            random.nextInt(2, 28),
            heads * random.nextInt(1, 14),
            heads,
            random.nextInt(1, 3),
            seed);
    Samples samples = text(seed, random.nextInt(1, 4), model);
    RoundModel base = shaken(model, seed);
    ReferenceTransformer reference = new ReferenceTransformer(model, base.parameters());
    reference.batch(samples, SampleOrder.of(seed, 0, 9, 0, samples.count()));
    float[] expected = new float[model.parameterCount()];
    for (int p = 0; p < expected.length; p++) {
      float change = 0.25f * reference.gradient()[p];
      expected[p] = base.parameters().get(p) - change;
    }
    for (int count = 1; count <= 3; count++) {
      try (Lanes lanes = Lanes.of(count)) {
        LocalSpec sgd = new LocalSpec.Sgd(0.25f, 0, 8, 1);
        LocalTraining training = new LocalTraining(base, sgd, 9, samples, lanes);
        assertTrue(training.advance());
        assertEquals(reference.lossSum, training.lossSum());
        assertEquals(Parameters.of(expected), training.parameters());
      }
    }
  }

  @Test
  void everyKindOfParameterFollowsTheSlopeOfTheLoss() {
    Samples samples = text(3, 2, SMALL);
    RoundModel base = shaken(SMALL, 4);
    float rate = 0x1p-4f;
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training =
          new LocalTraining(base, new LocalSpec.Sgd(rate, 0, 2, 1), 0, samples, lanes);
      training.advance();
      Parameters after = training.parameters();
      for (int p = 0; p < SMALL.parameterCount(); p += 5) {
        double gradient = (base.parameters().get(p) - after.get(p)) / (double) rate;
        float move = 0x1p-8f;
        double slope =
            (loss(base, p, move, samples, lanes) - loss(base, p, -move, samples, lanes))
                / (2 * move);
        assertEquals(slope, gradient, 3e-4 + 0.01 * Math.abs(slope), "parameter " + p);
      }
    }
  }

  private static double loss(RoundModel base, int p, float move, Samples samples, Lanes lanes) {
    float[] values = new float[SMALL.parameterCount()];
    base.parameters().copyTo(0, values);
    values[p] += move;
    RoundModel moved = new RoundModel(SMALL, 0, Parameters.of(values));
    double labels = samples.count() * SMALL.labels();
    return Inference.score(moved, samples, lanes).lossSum() / labels;
  }

  @Test
  void aLaterTokenChangesNoEarlierLogit() {
    byte[] text = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    byte[] other = text.clone();
    other[5] = 0;
    float[][] logits = logits(text);
    float[][] changed = logits(other);
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(logits[i], changed[i], "token " + i);
    }
    for (int i = 5; i < 9; i++) {
      assertNotEquals(logits[i][0], changed[i][0], "token " + i);
    }
  }

  @Test
  void aNaNBehindATokenDoesNotReachIt() {
    float[] values = new float[SMALL.parameterCount()];
    shaken(SMALL, 5).parameters().copyTo(0, values);
    float[][] healthy = logits(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    Arrays.fill(values, 7 * SMALL.width(), 8 * SMALL.width(), Float.NaN);
    float[][] ill = logits(Parameters.of(values), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    for (int i = 0; i < 6; i++) {
      assertArrayEquals(healthy[i], ill[i], "token " + i);
    }
    for (int i = 6; i < 9; i++) {
      assertTrue(Float.isNaN(ill[i][0]), "token " + i);
    }
  }

  private static float[][] logits(byte[] text) {
    return logits(shaken(SMALL, 5).parameters(), text);
  }

  private static float[][] logits(Parameters parameters, byte[] text) {
    try (Lanes lanes = Lanes.of(1)) {
      Network network = new Network(SMALL, parameters, 1, 0, lanes);
      return network.forward(Samples.windows(text, 9), new int[] {0}, 0, 1);
    }
  }

  @Test
  void theWindowsOfABatchDoNotSeeOneAnother() {
    Samples samples = text(8, 3, SMALL);
    try (Lanes lanes = Lanes.of(1)) {
      Parameters parameters = shaken(SMALL, 5).parameters();
      Network together = new Network(SMALL, parameters, 3, 0, lanes);
      Network alone = new Network(SMALL, parameters, 1, 0, lanes);
      float[][] all = together.forward(samples, new int[] {0, 1, 2}, 0, 3);
      float[][] last = alone.forward(samples, new int[] {2}, 0, 1);
      for (int i = 0; i < 9; i++) {
        assertArrayEquals(last[i], all[18 + i]);
      }
    }
  }

  @Test
  void anInfiniteWeightMakesTheStepDiverge() {
    float[] values = new float[SMALL.parameterCount()];
    Arrays.fill(values, Float.POSITIVE_INFINITY);
    RoundModel base = new RoundModel(SMALL, 0, Parameters.of(values));
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training =
          new LocalTraining(base, new LocalSpec.Sgd(1, 0, 2, 1), 0, text(1, 2, SMALL), lanes);
      assertFalse(training.advance());
      assertEquals(1, training.step());
    }
  }

  @Test
  void theMeanLossIsPerToken() {
    Samples samples = text(3, 4, SMALL);
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training =
          new LocalTraining(shaken(SMALL, 4), new LocalSpec.Sgd(0.1f, 0, 3, 1), 0, samples, lanes);
      assertTrue(training.advance());
      assertEquals(training.lossSum() / 27, training.meanLoss());
      assertTrue(training.advance());
      assertEquals(training.lossSum() / 36, training.meanLoss());
    }
  }

  @Test
  void aTextThatRepeatsIsLearnt() {
    byte[] text = new byte[40 * 9 + 1];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i * i % 7 + i % 3);
    }
    Samples samples = Samples.windows(text, 9);
    LocalSpec adam = new LocalSpec.Adam(0.01f, 0.9f, 0.99f, 1e-8f, 8, 20);
    try (Lanes lanes = Lanes.of(1)) {
      LocalTraining training = new LocalTraining(InitialModel.of(SMALL), adam, 0, samples, lanes);
      while (training.step() < training.steps()) {
        assertTrue(training.advance());
      }
      RoundModel learnt = new RoundModel(SMALL, 1, training.parameters());
      assertTrue(Inference.score(learnt, samples, lanes).correct() > 0.8 * 40 * 9);
    }
  }
}
