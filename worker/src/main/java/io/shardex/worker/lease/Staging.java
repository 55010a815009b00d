package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.DataDescription;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.training.ShardTask;
import io.shardex.training.data.IdxHeader;
import io.shardex.training.data.IdxPair;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.RoundModel;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.SampleRange;
import io.shardex.training.spec.TrainingSpec;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Fetches and checks what a lease needs, the small before the large: the job file, the description
 * of the data, then only the shard's part of the data, and the round's model. All of it is a
 * stranger's: sizes are known and bounded before anything is fetched, and what does not fit the
 * terms or the machine is a {@link LeaseFailure}.
 */
final class Staging {
  private final BlobCache cache;
  private final Network network;
  private final int memoryMiB;

  Staging(BlobCache cache, Network network, int memoryMiB) {
    this.cache = cache;
    this.network = network;
    this.memoryMiB = memoryMiB;
  }

  /** Everything for the lease's shard; calls to the network go through {@code patience}. */
  StagedShard stage(LeaseOffer lease, Patience patience) throws LeaseFailure, InterruptedException {
    JobSpec spec =
        jobFile(patience.call(() -> cache.whole(lease.spec(), JobFile.MAX_BYTES))).spec();
    DataDescription data =
        description(patience.call(() -> cache.whole(lease.data(), DataDescription.BYTES)));
    requireTerms(lease, spec, data);
    TrainingSpec training = plan(spec, data).training();
    requirePlace(lease, training);
    requireMemory(spec, data);
    Samples samples = samples(training.range(lease.task().shard()), data, training, patience);
    RoundModel base = baseModel(lease, training.model(), patience);
    ShardTask task =
        new ShardTask(
            training,
            trainingDigest(lease.spec()),
            trainingDigest(lease.data()),
            base,
            lease.task().shard());
    return new StagedShard(task, samples);
  }

  private static JobFile jobFile(byte[] bytes) throws LeaseFailure {
    try {
      return JobFile.parse(bytes);
    } catch (JobRefused e) {
      throw new LeaseFailure("the job file: " + e.brief(), e);
    }
  }

  private static DataDescription description(byte[] bytes) throws LeaseFailure {
    try {
      return DataDescription.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new LeaseFailure("the data's description: " + e.getMessage(), e);
    }
  }

  /**
   * The pay follows from the terms, so terms that do not follow from the job are not worked for.
   */
  private void requireTerms(LeaseOffer lease, JobSpec spec, DataDescription data)
      throws LeaseFailure {
    Optional<String> refusal = JobPlan.refusal(lease.terms(), spec, data, network);
    if (refusal.isPresent()) {
      throw new LeaseFailure("the job's terms: " + refusal.get());
    }
  }

  /** The time of submission only moves the deadline, which training does not ask for. */
  private JobPlan plan(JobSpec spec, DataDescription data) throws LeaseFailure {
    try {
      return JobPlan.of(spec, data, network, Instant.EPOCH);
    } catch (JobRefused e) {
      throw new LeaseFailure("the job file: " + e.brief(), e);
    }
  }

  private static void requirePlace(LeaseOffer lease, TrainingSpec training) throws LeaseFailure {
    int round = lease.task().round();
    int shard = lease.task().shard();
    if (round < 1 || round > training.rounds() || shard < 0 || shard >= training.shards()) {
      throw new LeaseFailure(
          "expected one of %d rounds and %d shards, but the task is %s"
              .formatted(training.rounds(), training.shards(), lease.task()));
    }
  }

  /** Asks for the estimate from model and data, whatever the job file claims to need. */
  private void requireMemory(JobSpec spec, DataDescription data) throws LeaseFailure {
    JobSpec silent =
        new JobSpec(
            spec.name(),
            spec.model(),
            spec.data(),
            spec.shards(),
            spec.rounds(),
            spec.local(),
            spec.outer(),
            new JobSpec.Resources(spec.resources().accelerator(), OptionalInt.empty()),
            spec.price(),
            spec.deadline(),
            spec.audit());
    int needed = plan(silent, data).terms().memoryMiB();
    if (needed > memoryMiB) {
      throw new LeaseFailure(
          "expected a shard that fits in %d MiB, but it needs %d".formatted(memoryMiB, needed));
    }
  }

  private Samples samples(
      SampleRange range, DataDescription data, TrainingSpec training, Patience patience)
      throws LeaseFailure, InterruptedException {
    IdxPair files = data.files();
    byte[] labels =
        part(data.labels().bytes(), data.labelsBytes(), files.labels(), range, patience);
    byte[] images =
        part(data.images().bytes(), data.imagesBytes(), files.images(), range, patience);
    try {
      Samples samples = files.samples(range, images, labels);
      samples.requireFits(training.model());
      return samples;
    } catch (MalformedIdx | IllegalArgumentException e) {
      throw new LeaseFailure("the training data: " + e.getMessage(), e);
    }
  }

  private byte[] part(
      byte[] blob, long blobBytes, IdxHeader header, SampleRange range, Patience patience)
      throws LeaseFailure, InterruptedException {
    IdxHeader.ByteRange bytes = header.bytesOf(range);
    if (bytes.length() > Integer.MAX_VALUE - 8) {
      throw new LeaseFailure("a shard of " + bytes.length() + " bytes is too long for one array");
    }
    return patience.call(
        () -> cache.range(Digest.of(blob), blobBytes, bytes.offset(), (int) bytes.length()));
  }

  private RoundModel baseModel(LeaseOffer lease, ModelSpec model, Patience patience)
      throws LeaseFailure, InterruptedException {
    byte[] blob = patience.call(() -> cache.whole(lease.baseModel(), RoundModel.blobBytes(model)));
    try {
      // The market counts rounds from 1; the model that round 1 starts from has gone through none.
      return RoundModel.decode(blob, model, lease.task().round() - 1);
    } catch (MalformedBlob e) {
      throw new LeaseFailure("the round's model: " + e.getMessage(), e);
    }
  }

  private static io.shardex.training.commitment.Digest trainingDigest(Digest digest) {
    return io.shardex.training.commitment.Digest.ofBytes(digest.bytes());
  }
}
