package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDataTest {
  @TempDir Path folder;

  @Test
  void theFilesAreDescribedByTheirBlobsAndShape() throws Exception {
    byte[] images = images(3_000, 28, 28);
    byte[] labels = labels(3_000, 9);
    write(images, labels, images(5, 28, 28), labels(5, 9));
    LocalData data = LocalData.read(spec(), folder);
    assertEquals(
        new DataDescription.Idx(
            Manifest.of(images).id(),
            images.length,
            Manifest.of(labels).id(),
            labels.length,
            3_000,
            28,
            28,
            10),
        data.description());
    assertEquals(
        List.of(
            new Material.Part("labels", folder.resolve("train-labels")),
            new Material.Part("images", folder.resolve("train-images"))),
        data.parts());
    assertEquals(
        5,
        data.test().orElseThrow().load(((JobSpec.Model.Reference) spec().model()).spec()).count());
  }

  @Test
  void everyMissingFileIsNamed() throws Exception {
    Files.write(folder.resolve("train-labels"), labels(3, 1));
    Files.createDirectory(folder.resolve("test-images"));
    assertEquals(
        List.of(
            "spec.data.train.images: expected a file, but "
                + folder.resolve("train-images")
                + " does not exist",
            "spec.data.test.images: expected a file, but "
                + folder.resolve("test-images")
                + " cannot be read as one",
            "spec.data.test.labels: expected a file, but "
                + folder.resolve("test-labels")
                + " does not exist"),
        problems());
  }

  @Test
  void truncatedAndMismatchedFilesAreNamed() throws Exception {
    byte[] cut = ByteBuffer.allocate(100).put(images(3, 28, 28), 0, 100).array();
    write(cut, labels(3, 1), images(5, 28, 28), labels(4, 1));
    assertEquals(
        List.of(
            "spec.data.train: "
                + folder.resolve("train-images")
                + ": expected 2368 bytes for 3 samples, but the file has 100",
            "spec.data.test: "
                + folder.resolve("test-labels")
                + ": expected 5 labels, one an image of "
                + folder.resolve("test-images")
                + ", but there are 4"),
        problems());
  }

  @Test
  void testImagesOfAnotherShapeAreRefused() throws Exception {
    write(images(3, 28, 28), labels(3, 1), images(3, 28, 26), labels(3, 1));
    assertEquals(
        List.of(
            "spec.data.test: expected images of 28 x 28 like the training images,"
                + " but they are 28 x 26"),
        problems());
  }

  @Test
  void aDescriptionSurvivesItsBytesAndNothingElseDecodes() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int samples = 1 + random.nextInt(1 << 20);
      int rows = 1 + random.nextInt(100);
      int columns = 1 + random.nextInt(100);
      byte[] some = new byte[8];
      random.nextBytes(some);
      DataDescription description =
          new DataDescription.Idx(
              Manifest.of(some).id(),
              16 + (long) samples * rows * columns,
              Manifest.of(new byte[0]).id(),
              8 + (long) samples,
              samples,
              rows,
              columns,
              1 + random.nextInt(256));
      byte[] bytes = description.encoded();
      assertEquals(description, DataDescription.decode(bytes), "seed " + seed);
      bytes[random.nextInt(8)] ^= 1;
      assertThrows(IllegalArgumentException.class, () -> DataDescription.decode(bytes));
    }
    assertThrows(IllegalArgumentException.class, () -> DataDescription.decode(new byte[103]));
  }

  @Test
  void aSourcesManifestIsThatOfItsBytes() throws IOException {
    byte[] content = new byte[2 * Manifest.CHUNK_BYTES + 17];
    new Random(1).nextBytes(content);
    Path file = Files.write(folder.resolve("large"), content);
    assertEquals(Manifest.of(content), BlobSource.of(file).manifest());
    assertArrayEquals(Manifest.of(content).encoded(), BlobSource.of(file).manifest().encoded());
  }

  private List<String> problems() {
    return assertThrows(JobRefused.class, () -> LocalData.read(spec(), folder)).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  private static JobSpec spec() throws JobRefused {
    return Jobs.parse(Jobs.MNIST).spec();
  }

  private void write(byte[] images, byte[] labels, byte[] testImages, byte[] testLabels)
      throws IOException {
    Files.write(folder.resolve("train-images"), images);
    Files.write(folder.resolve("train-labels"), labels);
    Files.write(folder.resolve("test-images"), testImages);
    Files.write(folder.resolve("test-labels"), testLabels);
  }

  static byte[] images(int count, int rows, int columns) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * rows * columns);
    bytes.putInt(0x0803).putInt(count).putInt(rows).putInt(columns);
    return bytes.array();
  }

  static byte[] labels(int count, int highest) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + count).putInt(0x0801).putInt(count);
    for (int i = 0; i < count; i++) {
      bytes.put((byte) (i % (highest + 1)));
    }
    return bytes.array();
  }
}
