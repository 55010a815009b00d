package io.shardex.worker;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A small job of three shards whose images fill four chunks, its blobs in a fake network. */
public record TestJob(
    TrainingSpec training,
    Samples samples,
    JobTerms terms,
    Digest spec,
    Digest data,
    Digest images,
    Digest baseModel) {
  public static final int SAMPLES = 4_600;
  public static final int FEATURES = 784;
  public static final ResourceClass CPU = new ResourceClass("cpu");

  public static final Network NETWORK =
      new Network(
          31_337,
          address(1),
          address(2),
          address(3),
          address(4),
          0,
          address(5),
          List.of(address(6)),
          List.of(),
          1,
          List.of(
              new Network.ClassTerms(CPU, new UnitPrice(1_000_000_000), new WorkUnits(50_000_000))),
          Rules.local());

  public static Address address(int last) {
    return new Address(0, 0, last);
  }

  /** A job file; the arguments are what tests vary. */
  public static String file(String layers, String rate, String resources) {
    return """
        apiVersion: shardex.io/v1
        kind: TrainingJob
        metadata: {name: small}
        spec:
          model: {kind: mlp, layers: %s, activation: relu, seed: 7}
          data: {format: idx, train: {images: images, labels: labels}}
          shards: 3
          rounds: 1
          local: {optimizer: sgd, learningRate: %s, momentum: 0.9, batchSize: 32, epochs: 2}
          outer: {optimizer: average}
          resources: %s
          price: {budget: "5.00", maxPerHour: "0.40"}
          deadline: 30m
          verification: {audit: 20%%}
        """
        .formatted(layers, rate, resources);
  }

  public static TestJob good(FakeNetwork network) {
    return of(network, file("[784, 8, 10]", "0.05", "{accelerator: any}"));
  }

  /** The job of this file over random images; labels are 0 to 9. */
  public static TestJob of(FakeNetwork network, String file) {
    byte[] pixels = new byte[SAMPLES * FEATURES];
    byte[] labels = new byte[SAMPLES];
    Random random = new Random(1);
    random.nextBytes(pixels);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    return of(network, file, pixels, labels);
  }

  public static TestJob of(FakeNetwork network, String file, byte[] pixels, byte[] labels) {
    byte[] imagesFile =
        ByteBuffer.allocate(16 + pixels.length)
            .putInt(0x0803)
            .putInt(SAMPLES)
            .putInt(28)
            .putInt(28)
            .put(pixels)
            .array();
    byte[] labelsFile =
        ByteBuffer.allocate(8 + labels.length).putInt(0x0801).putInt(SAMPLES).put(labels).array();
    Digest images = network.store(imagesFile);
    DataDescription description =
        new DataDescription.Idx(
            images,
            imagesFile.length,
            network.store(labelsFile),
            labelsFile.length,
            SAMPLES,
            28,
            28,
            10);
    try {
      byte[] bytes = file.getBytes(StandardCharsets.UTF_8);
      JobPlan plan = JobPlan.of(JobFile.parse(bytes).spec(), description, NETWORK, Instant.EPOCH);
      return new TestJob(
          plan.training(),
          Samples.of(pixels, labels, FEATURES),
          plan.terms(),
          network.store(bytes),
          network.store(description.encoded()),
          images,
          network.store(InitialModel.of(plan.training().model()).encode()));
    } catch (JobRefused e) {
      throw new AssertionError(e);
    }
  }

  public TaskId task(int shard) {
    return new TaskId(new JobId(Digest.sha256(spec.bytes())), 1, shard);
  }

  public LeaseOffer lease(int shard, long fence) {
    return new LeaseOffer(task(shard), fence, 60_000, 0, terms, spec, data, baseModel, false);
  }

  /** The audit of what was committed under the fence {@code audited}, from another base. */
  public LeaseOffer audit(int shard, long audited, long fence, Digest base) {
    return new LeaseOffer(
        task(shard).audit(audited), fence, 60_000, 0, terms, spec, data, base, false);
  }

  /** The labels, all of them one class too high for the model somewhere in each shard. */
  public static byte[] labelsTooHigh() {
    byte[] labels = new byte[SAMPLES];
    Arrays.fill(labels, (byte) 10);
    return labels;
  }
}
