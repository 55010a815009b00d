package io.shardex.training.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.ModelSpec.Activation;
import io.shardex.training.spec.SampleRange;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
  private static byte[] images(int count) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * 6);
    file.putInt(0x803).putInt(count).putInt(2).putInt(3);
    for (int i = 0; i < count * 6; i++) {
      file.put((byte) (200 + i));
    }
    return file.array();
  }

  private static byte[] labels(int count) {
    ByteBuffer file = ByteBuffer.allocate(8 + count);
    file.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      file.put((byte) (i % 3));
    }
    return file.array();
  }

  private static byte[] with(byte[] file, int offset, int value) {
    ByteBuffer.wrap(file).putInt(offset, value);
    return file;
  }

  private static void refused(String message, Executable reading) {
    assertEquals(message, assertThrows(MalformedIdx.class, reading).getMessage());
  }

  private static void refusedImages(String message, byte[] file) {
    refused("i: " + message, () -> IdxPair.of("i", file, "l", labels(4)));
  }

  @Test
  void filesGiveTheirSamples(@TempDir Path folder) throws Exception {
    Path images = Files.write(folder.resolve("images"), images(4));
    Path labels = Files.write(folder.resolve("labels"), labels(4));
    Samples samples = IdxPair.load(images, labels);
    assertEquals(4, samples.count());
    assertEquals(6, samples.width());
    assertEquals(200, samples.feature(0, 0));
    assertEquals(223, samples.feature(3, 5));
    assertEquals(0, samples.label(3));
    assertEquals(4, IdxPair.read(images, labels).count());
  }

  @Test
  void aShardNeedsOnlyItsBytes() throws Exception {
    byte[] images = images(10);
    byte[] labels = labels(10);
    Samples all = IdxPair.of("i", images, "l", labels);
    IdxPair pair =
        IdxPair.of(
            "i",
            IdxHeader.parse("i", IdxHeader.Kind.IMAGES, Arrays.copyOf(images, 16), images.length),
            "l",
            IdxHeader.parse("l", IdxHeader.Kind.LABELS, Arrays.copyOf(labels, 16), labels.length));
    SampleRange range = new SampleRange(3, 7);
    ByteRange imageRange = pair.images().bytesOf(range);
    ByteRange labelRange = pair.labels().bytesOf(range);
    assertEquals(new ByteRange(16 + 18, 24), imageRange);
    assertEquals(new ByteRange(8 + 3, 4), labelRange);
    byte[] imageBytes = Arrays.copyOfRange(images, 34, 58);
    byte[] labelBytes = Arrays.copyOfRange(labels, 11, 15);
    Samples shard = pair.samples(range, imageBytes, labelBytes);
    assertEquals(all.slice(range).digest(), shard.digest());
    assertEquals(all.feature(5, 2), shard.feature(2, 2));
    refused(
        "images: expected 24 bytes for samples 3 to 6, but there are 23",
        () -> pair.samples(range, Arrays.copyOf(imageBytes, 23), labelBytes));
    assertThrows(
        IllegalArgumentException.class, () -> pair.images().bytesOf(new SampleRange(3, 11)));
  }

  @Test
  void aWrongMagicIsNamed() {
    refusedImages("expected magic 0x00000803, but it is 0x00000801", with(images(4), 0, 0x801));
    refused(
        "l: expected magic 0x00000801, but it is 0x00000803",
        () -> IdxPair.of("i", images(4), "l", images(4)));
  }

  @Test
  void aShortHeaderIsNamed() {
    refusedImages("expected a header of 16 bytes, but there are 15", Arrays.copyOf(images(4), 15));
    refusedImages("expected a header of 16 bytes, but there are 0", new byte[0]);
  }

  @Test
  void aTruncatedOrOverlongFileIsNamed() {
    refusedImages(
        "expected 40 bytes for 4 samples, but the file has 39", Arrays.copyOf(images(4), 39));
    refusedImages(
        "expected 40 bytes for 4 samples, but the file has 41", Arrays.copyOf(images(4), 41));
  }

  @Test
  void hostileSizesAreNamedBeforeAnythingIsAllocated() {
    refusedImages(
        "expected a sample count of 1 to 536870912, but it is 4294967295", with(images(4), 4, -1));
    refusedImages("expected a sample count of 1 to 536870912, but it is 0", with(images(4), 4, 0));
    refusedImages("expected a row count of 1 to 65536, but it is 0", with(images(4), 8, 0));
    refusedImages(
        "expected a column count of 1 to 65536, but it is 65537", with(images(4), 12, 65_537));
    byte[] both = with(with(images(4), 8, 65_536), 12, 65_536);
    refusedImages("expected a record length of 1 to 16777216, but it is 1073741824", both);
  }

  @Test
  void filesOfDifferentLengthsDoNotPair() {
    refused(
        "l: expected 4 labels, one an image of i, but there are 5",
        () -> IdxPair.of("i", images(4), "l", labels(5)));
  }

  @Test
  void samplesThatDoNotFitTheModelAreNamed() throws Exception {
    Samples samples = IdxPair.of("i", images(4), "l", labels(4));
    samples.requireFits(new ModelSpec.Mlp(List.of(6, 3), Activation.RELU, 1));
    misfit("expected samples of 7 features, the model's inputs, but they have 6", samples, 7, 3);
    misfit("expected labels below 2, the model's classes, but sample 2 has label 2", samples, 6, 2);
    assertEquals(
        "expected samples up to 5, but there are 4",
        assertThrows(IllegalArgumentException.class, () -> samples.slice(new SampleRange(0, 5)))
            .getMessage());
    assertEquals(
        "expected 4 samples of 6 features, but there are 23 feature bytes",
        assertThrows(IllegalArgumentException.class, () -> Samples.of(new byte[23], new byte[4], 6))
            .getMessage());
  }

  private static void misfit(String message, Samples samples, int inputs, int classes) {
    ModelSpec model = new ModelSpec.Mlp(List.of(inputs, classes), Activation.RELU, 1);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> samples.requireFits(model))
            .getMessage());
  }
}
