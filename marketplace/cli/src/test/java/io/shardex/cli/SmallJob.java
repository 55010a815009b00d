package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A job of eight 2 x 2 images in a folder, and a network that would take it. */
public final class SmallJob {
  public static final Address BUILDER = address(7);
  public static final Network NETWORK =
      new Network(
          31_337,
          address(1),
          address(2),
          address(3),
          address(4),
          5,
          address(5),
          List.of(address(11), address(12), address(13)),
          List.of(),
          2,
          List.of(
              new Network.ClassTerms(
                  new ResourceClass("cpu"),
                  new UnitPrice(5_500_000_000L),
                  new WorkUnits(60_000_000))),
          Rules.local());

  private static final String TEXT =
      """
      apiVersion: shardex.io/v1
      kind: TrainingJob
      metadata: {name: small}
      spec:
        model: {kind: mlp, layers: [4, 3, 2], activation: relu, seed: 7}
        data:
          format: idx
          train: {images: images, labels: labels}
          test: {images: images, labels: labels}
        shards: 2
        rounds: 3
        local: {optimizer: sgd, learningRate: 0.05, momentum: 0.9, batchSize: 4, epochs: 1}
        outer: {optimizer: average}
        resources: {accelerator: any}
        price: {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
        verification: {audit: 20%}
      """;

  private final Path folder;

  private SmallJob(Path folder) {
    this.folder = folder;
  }

  public static SmallJob in(Path folder) throws IOException {
    SmallJob job = new SmallJob(folder);
    job.writeImages(2, 2);
    byte[] labels = {0, 1, 0, 1, 0, 1, 0, 1};
    Files.write(
        folder.resolve("labels"),
        ByteBuffer.allocate(16).putInt(0x0801).putInt(8).put(labels).array());
    job.write(TEXT);
    return job;
  }

  public static Address address(int last) {
    return new Address(0, 0, last);
  }

  public Path file() {
    return folder.resolve("job.yaml");
  }

  Path images() {
    return folder.resolve("images");
  }

  SmallJob writeImages(int rows, int columns) throws IOException {
    Files.write(
        images(),
        ByteBuffer.allocate(16 + 8 * rows * columns)
            .putInt(0x0803)
            .putInt(8)
            .putInt(rows)
            .putInt(columns)
            .array());
    return this;
  }

  public SmallJob with(String part, String replacement) throws IOException {
    String text = Files.readString(file());
    if (!text.contains(part)) {
      throw new IllegalArgumentException("the job file has no " + part);
    }
    return write(text.replace(part, replacement));
  }

  private SmallJob write(String text) throws IOException {
    Files.writeString(file(), text);
    return this;
  }
}
