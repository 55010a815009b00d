package io.shardex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.data.TextWindows;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.MalformedBlob.Fault;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardCheckpoint;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.OuterSpec;
import io.shardex.training.spec.SampleRange;
import io.shardex.training.spec.TrainingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShardCheckpointTest {
  private static final LocalSpec SGD = new LocalSpec.Sgd(0.01f, 0.9f, 4, 3);
  private static final LocalSpec ADAM = new LocalSpec.Adam(0.001f, 0.9f, 0.999f, 1e-8f, 4, 3);

  private final Lanes lanes = Lanes.of(1);
  private final ShardTrainer trainer = new ShardTrainer(lanes);

  @AfterEach
  void close() {
    lanes.close();
  }

  /** A shard to train, and its samples. */
  private record Subject(String name, ShardTask task, Samples samples) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Subject> subjects() {
    ModelSpec mlp = new ModelSpec.Mlp(List.of(16, 12, 4), Activation.RELU, 11);
    ModelSpec cnn =
        new ModelSpec.Cnn(
            new ModelSpec.Image(4, 4, 1),
            List.of(new ModelSpec.Stage(3, 3)),
            List.of(4),
            Activation.RELU,
            5);
    ModelSpec transformer = new ModelSpec.Transformer(128, 8, 8, 2, 1, 3);
    return Stream.of(
        images("perceptron, momentum", mlp, SGD),
        images("perceptron, Adam", mlp, ADAM),
        images("convolutions, momentum", cnn, SGD),
        images("convolutions, Adam", cnn, ADAM),
        text("transformer, momentum", transformer, SGD),
        text("transformer, Adam", transformer, ADAM));
  }

  /** 50 samples in two shards: 25 each, so that an epoch's last batch is a short one. */
  private static Subject images(String name, ModelSpec model, LocalSpec local) {
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 2, 2, 50);
    return new Subject(name, task(spec), SyntheticSamples.of(1, 50, 16, 4).slice(spec.range(1)));
  }

  private static Subject text(String name, ModelSpec model, LocalSpec local) {
    byte[] text = new byte[2 * 25 * 8 + 1];
    new Random(7).nextBytes(text);
    for (int i = 0; i < text.length; i++) {
      text[i] &= 0x7f;
    }
    TextWindows windows = new TextWindows(text.length, 8);
    TrainingSpec spec = new TrainingSpec(model, local, OuterSpec.AVERAGE, 2, 2, 50);
    SampleRange range = spec.range(1);
    byte[] part = new byte[Math.toIntExact(windows.bytesOf(range).length())];
    System.arraycopy(text, Math.toIntExact(windows.bytesOf(range).offset()), part, 0, part.length);
    return new Subject(name, task(spec), windows.samples(range, part));
  }

  private static ShardTask task(TrainingSpec spec) {
    return new ShardTask(
        spec,
        Digest.of(new byte[] {1}),
        Digest.of(new byte[] {2}),
        InitialModel.of(spec.model()),
        1);
  }

  /** Keeps the bytes of the checkpoints of every so many steps. */
  private record Saver(int every, Map<Integer, byte[]> saved) implements ShardProgress {
    @Override
    public void stepped(int step, int steps, double meanLoss) {}

    @Override
    public boolean wantsCheckpoint(int step) {
      return step % every == 0;
    }

    @Override
    public void reached(ShardCheckpoint checkpoint) {
      saved.put(checkpoint.step(), checkpoint.encode());
    }
  }

  private Map<Integer, byte[]> checkpoints(Subject subject, int every) {
    Saver saver = new Saver(every, new TreeMap<>());
    trainer.train(subject.task, subject.samples, saver, () -> false);
    return saver.saved;
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void whoeverGoesOnFromAnyStepComesToTheSameResultAndRoot(Subject subject) throws Exception {
    ShardOutcome whole =
        trainer.train(subject.task, subject.samples, ShardProgress.NONE, () -> false);
    Map<Integer, byte[]> checkpoints = checkpoints(subject, 1);
    assertEquals(20, checkpoints.size(), "one after each step but the last");
    for (Map.Entry<Integer, byte[]> entry : checkpoints.entrySet()) {
      ShardCheckpoint from =
          ShardCheckpoint.decode(
              entry.getValue(), ShardTrainer.place(subject.task, entry.getKey()));
      List<Integer> steps = new ArrayList<>();
      ShardOutcome resumed =
          trainer.train(
              subject.task,
              subject.samples,
              Optional.of(from),
              (step, of, loss) -> steps.add(step),
              () -> false);
      assertEquals(whole, resumed);
      assertEquals(entry.getKey() + 1, steps.getFirst());
    }
  }

  @Test
  void theTreesLeavesComeAlong() throws Exception {
    LocalSpec local = new LocalSpec.Sgd(0.001f, 0.9f, 25, 900);
    ModelSpec model = new ModelSpec.Mlp(List.of(16, 40, 4), Activation.RELU, 11);
    Subject subject = images("many segments", model, local);
    Map<Integer, byte[]> checkpoints = checkpoints(subject, 550);
    ShardCheckpoint last =
        ShardCheckpoint.decode(of(550, checkpoints), ShardTrainer.place(subject.task, 550));
    assertTrue(!last.leaves().isEmpty(), "a segment has ended by then");
    assertEquals(
        trainer.train(subject.task, subject.samples, ShardProgress.NONE, () -> false),
        trainer.train(
            subject.task, subject.samples, Optional.of(last), ShardProgress.NONE, () -> false));
  }

  @Test
  void aStateThatHasLeftTheFiniteNumbersIsNoCheckpoint() {
    LocalSpec leap = new LocalSpec.Sgd(1_000, 0.9f, 4, 3);
    ModelSpec model = new ModelSpec.Mlp(List.of(16, 12, 4), Activation.RELU, 11);
    Subject small = images("leap", model, leap);
    // Hidden units so large that the first loss is a number, and the second layer's weights after
    // it are not.
    float[] large = new float[model.parameterCount()];
    for (int i = 0; i < 16 * 12; i++) {
      large[i] = i % 2 == 0 ? 1e36f : -1e36f;
    }
    ShardTask task =
        new ShardTask(
            small.task.spec(),
            small.task.specDigest(),
            small.task.dataDigest(),
            new RoundModel(model, 0, Parameters.of(large)),
            1);
    Saver saver = new Saver(1, new TreeMap<>());
    ShardOutcome outcome = trainer.train(task, small.samples, saver, () -> false);
    assertEquals(2, assertInstanceOf(ShardOutcome.Diverged.class, outcome).step());
    assertEquals(Map.of(), saver.saved);
  }

  @Test
  void aCheckpointOfACheckpointEqualsOneOfTheWholeRun() throws Exception {
    Subject subject = images("chain", new ModelSpec.Mlp(List.of(16, 4), Activation.RELU, 1), ADAM);
    Map<Integer, byte[]> whole = checkpoints(subject, 1);
    ShardCheckpoint fifth =
        ShardCheckpoint.decode(of(5, whole), ShardTrainer.place(subject.task, 5));
    Saver second = new Saver(1, new TreeMap<>());
    trainer.train(subject.task, subject.samples, Optional.of(fifth), second, () -> false);
    assertEquals(15, second.saved.size());
    second.saved.forEach(
        (step, bytes) -> assertEquals(Digest.of(of(step, whole)), Digest.of(bytes)));
  }

  @Test
  void whatIsNoCheckpointOfThePlaceIsRefused() {
    Subject subject = images("bent", new ModelSpec.Mlp(List.of(16, 4), Activation.RELU, 1), ADAM);
    byte[] sound = of(5, checkpoints(subject, 5));
    ShardCheckpoint.Place place = ShardTrainer.place(subject.task, 5);
    assertEquals(place.blobBytes(), sound.length);
    int header = sound.length - place.stateBytes();
    refused(Fault.WRONG_LENGTH, Arrays.copyOf(sound, sound.length - 1), place);
    refused(Fault.WRONG_MAGIC, bent(sound, 0, 1), place);
    refused(Fault.WRONG_VERSION, bent(sound, 4, 1), place);
    refused(Fault.WRONG_VERSION, bent(sound, 8, 1), place);
    refused(Fault.WRONG_PLACE, bent(sound, 12, 1), place);
    refused(Fault.WRONG_PLACE, bent(sound, 16, 1), place);
    refused(Fault.WRONG_PLACE, bent(sound, 20, 1), place);
    refused(Fault.WRONG_PLACE, bent(sound, 24, 1), place);
    refused(Fault.WRONG_SHAPE, bent(sound, 28, 1), place);
    refused(Fault.NOT_FINITE, nan(sound, header), place);
    refused(Fault.NOT_FINITE, nan(sound, sound.length - 20), place);
    refused(Fault.WRONG_PLACE, bent(sound, sound.length - 16, 1), place);
    byte[] endless = sound.clone();
    endless[sound.length - 1] = 0x7f;
    endless[sound.length - 2] = (byte) 0xf0;
    refused(Fault.NOT_FINITE, endless, place);
  }

  private static byte[] of(int step, Map<Integer, byte[]> checkpoints) {
    return Objects.requireNonNull(checkpoints.get(step), () -> "no checkpoint of step " + step);
  }

  private static byte[] bent(byte[] sound, int at, int by) {
    byte[] bent = sound.clone();
    bent[at] ^= (byte) by;
    return bent;
  }

  private static byte[] nan(byte[] sound, int at) {
    byte[] bent = sound.clone();
    bent[at + 2] = (byte) 0xc0;
    bent[at + 3] = 0x7f;
    return bent;
  }

  private static void refused(Fault fault, byte[] blob, ShardCheckpoint.Place place) {
    MalformedBlob why =
        assertThrows(MalformedBlob.class, () -> ShardCheckpoint.decode(blob, place));
    assertEquals(fault, why.fault(), why::getMessage);
  }
}
