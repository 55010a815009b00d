package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A language model's job, from its file to a shard's samples. */
class TextJobTest {
  private static final String MODEL =
      "{kind: transformer, vocabulary: 128, window: 4, width: 6, heads: 2, blocks: 1, seed: 7}";

  private static final byte[] TEXT =
      "Call me Ishmael. Some\nyears ago".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;

  private static String job() {
    return Jobs.MNIST
        .replace("{kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}", MODEL)
        .replace("format: idx", "format: text")
        .replace("{images: train-images, labels: train-labels}", "{text: train.txt, limit: 6}")
        .replace("{images: test-images, labels: test-labels}", "{text: test.txt}")
        .replace("shards:  6", "shards:  2");
  }

  @Test
  void theFileSaysModelAndText() throws Exception {
    JobSpec spec = Jobs.parse(job()).spec();

    assertEquals(
        new ModelSpec.Transformer(128, 4, 6, 2, 1, 7),
        ((JobSpec.Model.Reference) spec.model()).spec());
    assertEquals(new SampleFiles.Text("train.txt"), spec.data().train());
    assertEquals(new SampleFiles.Text("test.txt"), spec.data().test().orElseThrow());
    assertEquals(OptionalInt.of(6), spec.data().limit());
  }

  @Test
  void wrongFieldsAreNamedWithWhatIsExpected() {
    assertEquals(
        List.of(
            "line 7: spec.data.format: expected idx, which a model of kind mlp reads,"
                + " but it is text"),
        refusals(
            job()
                .replace(MODEL, "{kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}")));
    assertEquals(
        List.of(
            "line 7: spec.data.format: expected text, which a model of kind transformer reads,"
                + " but it is idx"),
        refusals(
            Jobs.edited("{kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}", MODEL)));
    assertEquals(
        List.of("line 5: spec.model: expected model.width to be a multiple of 4, but it is 6"),
        refusals(job().replace("heads: 2", "heads: 4")));
    assertEquals(
        List.of("line 5: spec.model.window: expected 2 to 1024, but it is the number 1"),
        refusals(job().replace("window: 4", "window: 1")));
    assertEquals(
        List.of(
            "line 9: spec.data.test.images: unknown field; the nearest known one is text",
            "line 9: spec.data.test.text: missing; expected a text such as mnist/train-images"),
        refusals(job().replace("{text: test.txt}", "{images: test.txt}")));
  }

  @Test
  void theTextIsDescribedByItsBlobLengthAndHighestByte() throws Exception {
    write(TEXT, TEXT);
    LocalData data = LocalData.read(Jobs.parse(job()).spec(), folder);

    DataDescription.Text described =
        new DataDescription.Text(Manifest.of(TEXT).id(), TEXT.length, 'y' + 1);
    assertEquals(described, data.description());
    assertEquals(described, DataDescription.decode(described.encoded()));
    assertEquals(List.of(new Material.Part("text", folder.resolve("train.txt"))), data.parts());
    assertEquals(7, data.test().orElseThrow().load(model()).count());
  }

  @Test
  void otherBytesAreNoDescription() {
    byte[] bytes = new DataDescription.Text(Digest.ZERO, 9, 128).encoded();
    for (int cut = 0; cut < bytes.length; cut++) {
      byte[] some = Arrays.copyOf(bytes, cut);
      assertThrows(IllegalArgumentException.class, () -> DataDescription.decode(some));
    }
    byte[] more = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(IllegalArgumentException.class, () -> DataDescription.decode(more));
    byte[] other = bytes.clone();
    other[7] = 3;
    assertThrows(IllegalArgumentException.class, () -> DataDescription.decode(other));
  }

  @Test
  void aTextThatDoesNotFitTheModelIsNamedWithTheLine() throws Exception {
    byte[] accented = TEXT.clone();
    accented[25] = (byte) 0xe9;
    write(accented, new byte[4]);
    assertEquals(
        List.of(
            "spec.data.train.text: expected bytes below 128, the model's vocabulary, but line 2 of "
                + folder.resolve("train.txt")
                + " has byte 233; raise spec.model.vocabulary, or write the text in other"
                + " characters",
            "spec.data.test.text: expected at least 5 bytes, a window of 4 and the byte behind it,"
                + " but "
                + folder.resolve("test.txt")
                + " has 4"),
        assertThrows(JobRefused.class, () -> LocalData.read(Jobs.parse(job()).spec(), folder))
            .problems()
            .stream()
            .map(Problem::toString)
            .toList());
  }

  @Test
  void aDescriptionThatDoesNotFitTheModelIsRefused() {
    assertEquals(
        List.of(
            "spec.model.vocabulary: expected at least 200, since the highest byte of the text is"
                + " 199, but it is 128"),
        planned(new DataDescription.Text(Digest.ZERO, 1_000, 200)));
    assertEquals(
        "spec.model.window: expected less than 4, the bytes of the text, but it is 4",
        planned(new DataDescription.Text(Digest.ZERO, 4, 128)).getFirst());
    assertEquals(
        List.of("spec.data.train.limit: expected at most 5, the samples there are, but it is 6"),
        planned(new DataDescription.Text(Digest.ZERO, 24, 128)));
  }

  @Test
  void aShardReadsOnlyItsWindowsAndTheByteBehindThem() throws Exception {
    write(TEXT, TEXT);
    JobSpec spec = Jobs.parse(job()).spec();
    LocalData data = LocalData.read(spec, folder);
    TrainingSpec training =
        JobPlan.of(spec, data.description(), Jobs.network("cpu"), Instant.EPOCH).training();
    List<String> asked = new ArrayList<>();
    byte[] base = io.shardex.training.arithmetic.InitialModel.of(training.model()).encode();

    ShardInputs inputs =
        ShardInputs.read(
            training,
            data.description(),
            new ShardInputs.Place(Digest.ZERO, Manifest.of(base).id(), 1, 1),
            new ShardInputs.Blobs<IOException>() {
              @Override
              public byte[] whole(Digest blob, int most) {
                return base;
              }

              @Override
              public byte[] range(Digest blob, long blobBytes, long offset, int length) {
                asked.add(blobBytes + ": " + offset + "+" + length);
                return Arrays.copyOfRange(TEXT, (int) offset, (int) offset + length);
              }
            });

    // 6 windows of 4 bytes in 2 shards: the second begins at byte 12.
    assertEquals(List.of("31: 12+13"), asked);
    Samples whole = spec.data().train().load(folder, model());
    assertEquals(whole.slice(training.range(1)).digest(), inputs.samples().digest());
  }

  private static ModelSpec model() throws JobRefused {
    return ((JobSpec.Model.Reference) Jobs.parse(job()).spec().model()).spec();
  }

  private static List<String> planned(DataDescription data) {
    return assertThrows(
            JobRefused.class,
            () -> JobPlan.of(Jobs.parse(job()).spec(), data, Jobs.network("cpu"), Instant.EPOCH))
        .problems()
        .stream()
        .map(Problem::toString)
        .toList();
  }

  private static List<String> refusals(String yaml) {
    return assertThrows(JobRefused.class, () -> Jobs.parse(yaml)).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  private void write(byte[] train, byte[] test) throws IOException {
    Files.write(folder.resolve("train.txt"), train);
    Files.write(folder.resolve("test.txt"), test);
  }
}
