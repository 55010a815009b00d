package io.shardex.ops.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A job file over 600 made-up training images and 100 test images, trained in a second or two. */
final class TinyJob {
  static final int TRAIN_IMAGES = 600;
  static final int SHARDS = 3;
  static final String PRICE = "budget: \"1.00\", maxPerHour: \"0.40\"";
  private static final int TEST_IMAGES = 100;
  private static final int SIDE = 28;
  private static final int CLASSES = 10;

  private TinyJob() {}

  /** Writes {@code name.yaml} and, once, the data beside it, in each folder's name other data. */
  static Path write(Path folder, String name, int rounds, String price) throws IOException {
    if (!Files.exists(folder)) {
      Files.createDirectory(folder);
      data(folder, "train", TRAIN_IMAGES);
      data(folder, "test", TEST_IMAGES);
    }
    return Files.writeString(
        folder.resolve(name + ".yaml"),
        """
        apiVersion: shardex.io/v1
        kind: TrainingJob
        metadata: {name: %s}
        spec:
          model:   {kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}
          data:
            format: idx
            train: {images: train-images, labels: train-labels}
            test:  {images: test-images, labels: test-labels}
          shards:  %d
          rounds:  %d
          local:   {optimizer: sgd, learningRate: 0.05, momentum: 0.9, batchSize: 32, epochs: 20}
          outer:   {optimizer: average}
          resources: {accelerator: any}
          price:   {%s}
          deadline: 30m
          verification: {audit: 20%%}
        """
            .formatted(name, SHARDS, rounds, price));
  }

  private static void data(Path folder, String name, int count) throws IOException {
    Random random = new Random(count + String.valueOf(folder.getFileName()).hashCode());
    byte[] pixels = new byte[count * SIDE * SIDE];
    random.nextBytes(pixels);
    ByteBuffer images = ByteBuffer.allocate(4 * Integer.BYTES + pixels.length);
    images.putInt(0x803).putInt(count).putInt(SIDE).putInt(SIDE).put(pixels);
    ByteBuffer labels = ByteBuffer.allocate(2 * Integer.BYTES + count);
    labels.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      labels.put((byte) random.nextInt(CLASSES));
    }
    Files.write(folder.resolve(name + "-images"), images.array());
    Files.write(folder.resolve(name + "-labels"), labels.array());
  }
}
