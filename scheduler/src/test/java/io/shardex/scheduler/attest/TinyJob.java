package io.shardex.scheduler.attest;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.Task;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.replica.TwoNodes;
import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTask;
import io.shardex.training.ShardTrainer;
import io.shardex.training.arithmetic.InitialModel;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.data.Samples;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A job of two shards and two rounds over 21 images of 4 x 4, with its blobs in a grid. */
public final class TinyJob {
  public static final String FILE =
      """
      apiVersion: shardex.io/v1
      kind: TrainingJob
      metadata: {name: tiny}
      spec:
        model:   {kind: mlp, layers: [16, 5, 3], activation: relu, seed: 7}
        data:
          format: idx
          train: {images: images, labels: labels}
        shards:  2
        rounds:  2
        local:   {optimizer: sgd, learningRate: 0.05, momentum: 0.9, batchSize: 4, epochs: 2}
        outer:   {optimizer: average}
        resources: {accelerator: any}
        price:   {budget: "5.00", maxPerHour: "0.40"}
        deadline: 30m
        verification: {audit: 20%}
      """;

  static final int SAMPLES = 21;
  static final int SIDE = 4;
  static final int CLASSES = 3;

  private static final String BUILDER = "builder";
  private static final byte[] PIXELS = new byte[SAMPLES * SIDE * SIDE];
  private static final byte[] LABELS = new byte[SAMPLES];

  static {
    Random random = new Random(1);
    random.nextBytes(PIXELS);
    for (int i = 0; i < SAMPLES; i++) {
      LABELS[i] = (byte) (i % CLASSES);
    }
  }

  public final DataDescription.Idx data;
  public final Digest spec;
  final TrainingSpec training;
  private final BlobGrid grid;
  private final TwoNodes nodes;
  private final JobPlan plan;

  /** Uploads all that the job needs. */
  public TinyJob(TwoNodes nodes, BlobGrid grid) throws JobRefused {
    this.nodes = nodes;
    this.grid = grid;
    JobFile file = JobFile.parse(FILE.getBytes(StandardCharsets.UTF_8));
    spec = upload(file.bytes());
    data = described(images(SIDE, SIDE), labels(SAMPLES));
    Digest unused = upload(data.encoded());
    plan = JobPlan.of(file.spec(), data, nodes.network, nodes.now());
    training = plan.training();
  }

  public JobTerms terms() {
    return plan.terms();
  }

  /** The same with checkpoints. */
  public JobTerms savedTerms() {
    JobTerms terms = terms();
    return new JobTerms(
        terms.name(),
        terms.resources(),
        terms.memoryMiB(),
        terms.shards(),
        terms.rounds(),
        terms.shardWork(),
        terms.shardSteps(),
        terms.limit(),
        terms.deadlineMillis(),
        terms.audit(),
        terms.rollsBack(),
        terms.data(),
        terms.execution().saved(new CheckpointEvery.Steps(1)));
  }

  /** The job in its first round. */
  public JobId funded() {
    return funded(initial());
  }

  /** The job in its first round, which starts from this model. */
  JobId funded(RoundModel first) {
    return nodes.funded(spec, terms(), upload(first.encode()));
  }

  RoundModel initial() {
    return InitialModel.of(training.model());
  }

  Samples samples() {
    return Samples.of(PIXELS.clone(), LABELS.clone(), SIDE * SIDE);
  }

  /** What an honest worker makes of a shard. */
  public ShardResult trained(RoundModel base, int shard) {
    return ((ShardOutcome.Trained) outcome(base, shard)).result();
  }

  /** How an honest worker's training of a shard ends. */
  ShardOutcome outcome(RoundModel base, int shard) {
    return outcome(base, shard, (step, steps, loss) -> {});
  }

  ShardOutcome outcome(RoundModel base, int shard, ShardProgress progress) {
    try (Lanes lanes = Lanes.of(1)) {
      return new ShardTrainer(lanes)
          .train(
              new ShardTask(
                  training,
                  io.shardex.training.commitment.Digest.ofBytes(spec.bytes()),
                  io.shardex.training.commitment.Digest.ofBytes(data.digest().bytes()),
                  base,
                  io.shardex.training.commitment.Digest.ofBytes(
                      Manifest.of(base.encode()).id().bytes()),
                  shard),
              samples().slice(training.range(shard)),
              progress,
              () -> false);
    }
  }

  /** A new worker puts this result into the grid and commits to it. */
  public Task commits(ShardResult result, int round) {
    return nodes.committed("worker/" + round + "/" + result.shard(), upload(result.encode()));
  }

  /** Two files described as images and labels of the tiny job's shape, both uploaded. */
  DataDescription.Idx described(byte[] images, byte[] labels) {
    return described(upload(images), upload(labels));
  }

  /** Blobs described as images and labels of the tiny job's shape, there or not. */
  static DataDescription.Idx described(Digest images, Digest labels) {
    return new DataDescription.Idx(
        images,
        16 + (long) PIXELS.length,
        labels,
        8 + (long) SAMPLES,
        SAMPLES,
        SIDE,
        SIDE,
        CLASSES);
  }

  Digest upload(byte[] content) {
    return grid.store(BUILDER, content);
  }

  static byte[] images(int rows, int columns) {
    return ByteBuffer.allocate(16 + PIXELS.length)
        .putInt(0x0803)
        .putInt(SAMPLES)
        .putInt(rows)
        .putInt(columns)
        .put(PIXELS)
        .array();
  }

  static byte[] labels(int count) {
    return ByteBuffer.allocate(8 + count)
        .putInt(0x0801)
        .putInt(count)
        .put(LABELS, 0, count)
        .array();
  }
}
