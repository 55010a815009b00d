package io.shardex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.arithmetic.LocalTraining;
import io.shardex.training.commitment.Digest;
import io.shardex.training.commitment.RunHeader;
import io.shardex.training.commitment.SegmentTree;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShardTrainerTest {
  private static final Digest SPEC_DIGEST = Digest.of(new byte[] {1});
  private static final Digest DATA_DIGEST = Digest.of(new byte[] {2});
  private static final Samples SAMPLES = SyntheticSamples.of(1, 750, 16, 4);

  private final Lanes lanes = Lanes.of(1);
  private final ShardTrainer trainer = new ShardTrainer(lanes);

  @AfterEach
  void close() {
    lanes.close();
  }

  private static TrainingSpec spec(float rate) {
    ModelSpec model = new ModelSpec.Mlp(List.of(16, 40, 4), Activation.RELU, 11);
    LocalSpec local = new LocalSpec.Sgd(rate, 0.9f, 2, 2);
    return new TrainingSpec(model, local, OuterSpec.AVERAGE, 3, 4, 750);
  }

  private static ShardTask task(TrainingSpec spec, RoundModel base, int shard) {
    return new ShardTask(spec, SPEC_DIGEST, DATA_DIGEST, base, shard);
  }

  private static ShardTask firstTask(float rate) {
    TrainingSpec spec = spec(rate);
    return task(spec, InitialModel.of(spec.model()), 1);
  }

  private ShardOutcome train(ShardTask task) {
    Samples samples = SAMPLES.slice(task.spec().range(task.shard()));
    return trainer.train(task, samples, ShardProgress.NONE, () -> false);
  }

  @Test
  void theRootIsThatOfTheStatesTakenByHand() {
    LocalSpec local = new LocalSpec.Sgd(0.001f, 0.9f, 25, 110);
    TrainingSpec spec = new TrainingSpec(spec(0.01f).model(), local, OuterSpec.AVERAGE, 3, 4, 750);
    ShardTask task = task(spec, InitialModel.of(spec.model()), 1);
    int steps = 1_100;
    Samples samples = SAMPLES.slice(task.spec().range(1));
    LocalTraining training = new LocalTraining(task.base(), task.spec().local(), 1, samples, lanes);
    SegmentTree tree = new SegmentTree(task.base().digest());
    ByteBuffer state = training.stateBuffer();
    int segment = ShardTrainer.segmentSteps(task.spec(), 1, training.stateBytes());
    assertTrue(segment > 1 && segment < steps / 2, "two whole segments and a rest: " + segment);
    for (int end = segment; end < steps + segment; end += segment) {
      while (training.step() < Math.min(end, steps)) {
        training.advance();
      }
      training.writeState(state);
      tree.add(training.step(), state);
    }
    ShardResult result =
        new ShardResult(
            task.spec().model(), 0, 1, 250, steps, training.lossSum(), training.parameters());
    Digest digest = Digest.of(result.encode());
    Digest none = Digest.of();
    RunHeader header =
        new RunHeader(
            SPEC_DIGEST,
            1,
            Digest.of(task.base().encode()),
            DATA_DIGEST,
            0,
            1,
            none,
            none,
            steps,
            segment);
    assertEquals(new ShardOutcome.Trained(result, digest, header.root(tree, digest)), train(task));
  }

  @Test
  void theTrainingLossFalls() throws Exception {
    List<Double> losses = new ArrayList<>();
    RoundModel model =
        PlainTraining.run(spec(0.01f), SAMPLES, (round, loss, after) -> losses.add(loss));
    assertEquals(4, losses.size());
    assertTrue(losses.getLast() < losses.getFirst() / 2, losses.toString());
    assertTrue(Evaluation.of(model, SAMPLES).accuracy() > 0.95);
  }

  @Test
  void theMarketsWayEqualsPlainTrainingBitForBit() throws Exception {
    TrainingSpec spec = spec(0.01f);
    RoundModel base = InitialModel.of(spec.model());
    while (base.round() < spec.rounds()) {
      List<ShardResult> results = new ArrayList<>();
      for (int shard = 0; shard < spec.shards(); shard++) {
        ShardOutcome outcome = train(task(spec, base, shard));
        ShardResult result = assertInstanceOf(ShardOutcome.Trained.class, outcome).result();
        results.add(ShardResult.decode(result.encode(), spec, base.round(), shard));
      }
      RoundModel next = Aggregation.next(spec, base, results);
      base = RoundModel.decode(next.encode(), spec.model(), next.round());
    }
    RoundModel plain = PlainTraining.run(spec, SAMPLES, (round, loss, after) -> {});
    assertEquals(plain.digest(), base.digest());
  }

  @Test
  void progressTellsEveryStep() {
    List<Integer> heard = new ArrayList<>();
    ShardTask task = firstTask(0.01f);
    ShardOutcome outcome =
        trainer.train(
            task,
            SAMPLES.slice(task.spec().range(1)),
            (step, steps, loss) -> {
              assertEquals(250, steps);
              assertTrue(loss > 0 && loss < 10);
              heard.add(step);
            },
            () -> false);
    assertInstanceOf(ShardOutcome.Trained.class, outcome);
    assertEquals(250, heard.size());
    assertEquals(250, heard.getLast());
  }

  @Test
  void cancellingStopsBeforeTheNextStep() {
    AtomicInteger polls = new AtomicInteger();
    ShardTask task = firstTask(0.01f);
    ShardOutcome outcome =
        trainer.train(
            task,
            SAMPLES.slice(task.spec().range(1)),
            ShardProgress.NONE,
            () -> polls.incrementAndGet() > 37);
    assertEquals(new ShardOutcome.Cancelled(37), outcome);
  }

  @Test
  void anExplodingShardDivergesAtTheSameStepWithTheSameRootEachTime() {
    ShardTask task = exploding();
    ShardOutcome.Diverged diverged = assertInstanceOf(ShardOutcome.Diverged.class, train(task));
    assertTrue(diverged.step() > 1 && diverged.step() < 250, diverged.toString());
    assertEquals(diverged, train(task));
    PlainTraining.Diverged plain =
        assertThrows(
            PlainTraining.Diverged.class,
            () -> PlainTraining.run(task.spec(), SAMPLES, (round, loss, after) -> {}));
    assertEquals("round 0, shard 0 diverged at step " + diverged.step(), plain.getMessage());
  }

  private static ShardTask exploding() {
    ModelSpec deep = new ModelSpec.Mlp(List.of(16, 40, 40, 40, 4), Activation.RELU, 11);
    LocalSpec local = new LocalSpec.Sgd(1000, 0.9f, 2, 2);
    TrainingSpec spec = new TrainingSpec(deep, local, OuterSpec.AVERAGE, 3, 4, 750);
    return task(spec, InitialModel.of(deep), 0);
  }

  @Test
  void anExplodingShardUnderAdamDivergesAtTheSameStepWithTheSameRootEachTime() {
    ModelSpec cnn =
        new ModelSpec.Cnn(
            new ModelSpec.Image(4, 4, 1),
            List.of(new ModelSpec.Stage(3, 4)),
            List.of(40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 4),
            Activation.RELU,
            11);
    LocalSpec local = new LocalSpec.Adam(1000, 0.9f, 0.999f, 1e-8f, 2, 2);
    TrainingSpec spec = new TrainingSpec(cnn, local, OuterSpec.AVERAGE, 3, 4, 750);
    ShardTask task = task(spec, InitialModel.of(cnn), 0);
    ShardOutcome.Diverged diverged = assertInstanceOf(ShardOutcome.Diverged.class, train(task));
    assertTrue(diverged.step() > 1 && diverged.step() < 250, diverged.toString());
    assertEquals(diverged, train(task));
  }

  @Test
  void parametersThatOverflowInTheLastStepDivergeToo() {
    ModelSpec model = new ModelSpec.Mlp(List.of(16, 40, 4), Activation.RELU, 11);
    LocalSpec local = new LocalSpec.Sgd(1000, 0.9f, 2, 1);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 1, 1, 2);
    float[] values = new float[model.parameterCount()];
    Arrays.fill(values, 16 * 40, 17 * 40, 1e37f);
    RoundModel base = new RoundModel(model, 0, Parameters.of(values));
    ShardOutcome.Diverged diverged =
        assertInstanceOf(ShardOutcome.Diverged.class, train(task(spec, base, 0)));
    assertEquals(1, diverged.step());
  }

  @Test
  void anotherShardRoundSpecOrDataGivesAnotherRoot() {
    ShardTask task = firstTask(0.01f);
    RoundModel later = new RoundModel(task.base().model(), 1, task.base().parameters());
    assertNotEquals(root(task), root(task(task.spec(), later, 1)));
    assertNotEquals(root(task), root(task(task.spec(), task.base(), 0)));
    assertNotEquals(
        root(task), root(new ShardTask(task.spec(), DATA_DIGEST, DATA_DIGEST, task.base(), 1)));
    assertNotEquals(
        root(task), root(new ShardTask(task.spec(), SPEC_DIGEST, SPEC_DIGEST, task.base(), 1)));
  }

  private Digest root(ShardTask task) {
    return assertInstanceOf(ShardOutcome.Trained.class, train(task)).root();
  }

  @Test
  void aTaskThatCannotBeIsRefused() {
    TrainingSpec spec = spec(0.01f);
    RoundModel base = InitialModel.of(spec.model());
    ModelSpec other = new ModelSpec.Mlp(List.of(16, 40, 4), Activation.RELU, 12);
    assertThrows(IllegalArgumentException.class, () -> task(spec, base, 3));
    assertThrows(IllegalArgumentException.class, () -> task(spec, InitialModel.of(other), 0));
    RoundModel last = new RoundModel(spec.model(), 4, base.parameters());
    assertThrows(IllegalArgumentException.class, () -> task(spec, last, 0));
    assertEquals(
        "expected the 250 samples of shard 0, but there are 750",
        assertThrows(
                IllegalArgumentException.class,
                () -> trainer.train(task(spec, base, 0), SAMPLES, ShardProgress.NONE, () -> false))
            .getMessage());
  }

  @Test
  void evaluationCountsTheLargestLogit() {
    TrainingSpec spec = spec(0.01f);
    float[] values = new float[spec.model().parameterCount()];
    values[values.length - 2] = 1;
    RoundModel alwaysTwo = new RoundModel(spec.model(), 0, Parameters.of(values));
    int twos = 0;
    for (int i = 0; i < SAMPLES.count(); i++) {
      twos += SAMPLES.label(i) == 2 ? 1 : 0;
    }
    Evaluation evaluation = Evaluation.of(alwaysTwo, SAMPLES);
    assertEquals(twos, evaluation.correct());
    assertEquals(twos / 750.0, evaluation.accuracy());
    double expected = Math.log(3 + Math.E) - twos / 750.0;
    assertEquals(expected, evaluation.meanLoss(), 1e-9);
  }

  @Test
  void theExamplesSegmentsAreLongEnoughForOnePercent() {
    ModelSpec model = new ModelSpec.Mlp(List.of(784, 256, 10), ModelSpec.Activation.RELU, 7);
    LocalSpec local = new LocalSpec.Sgd(0.05f, 0.9f, 32, 3);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 6, 10, 60_000);

    // 6,400 x (2 x 203,530 x 4 + 16) / (8,436,579,560 operations / 313 steps) = 386.62
    assertEquals(387, ShardTrainer.segmentSteps(spec, 0, 2 * 203_530 * Float.BYTES + 16));
    assertEquals(1, ShardTrainer.segmentSteps(spec, 0, 1));
  }

  @Test
  void aRunIsBoundToTheModelItStartsFrom() {
    ShardTask task = firstTask(0.01f);
    ShardTask other =
        new ShardTask(task.spec(), SPEC_DIGEST, DATA_DIGEST, task.base(), SPEC_DIGEST, 1);

    assertNotEquals(root(task), root(other));
  }
}
