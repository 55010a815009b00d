package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.Network;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandPlan;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.JobContent;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.ShardInputs;
import io.shardex.protocol.job.TorchInputs;
import io.shardex.protocol.job.TrainingInputs;
import io.shardex.training.spec.TrainingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

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
    return shard(lease, job(lease, patience), patience);
  }

  /** The same for a builder's own module, which goes to disk. */
  TorchRuntime.Staged module(LeaseOffer lease, TorchRuntime runtime, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    Described job = job(lease, patience);
    if (!(job.inputs() instanceof TorchInputs files)) {
      throw new LeaseFailure("the job's terms ask for libtorch, but its file brings no module");
    }
    StagedShard shard = shard(lease, job, patience);
    Path module = runtime.place();
    place(files.module(), module, patience);
    return new TorchRuntime.Staged(shard, module);
  }

  /** A training job, whose terms follow from these. */
  private record Described(JobSpec spec, TrainingInputs inputs) {}

  private Described job(LeaseOffer lease, Patience patience)
      throws LeaseFailure, InterruptedException {
    JobSpec spec = jobFile(patience.call(() -> cache.whole(lease.spec(), JobFile.MAX_BYTES)));
    TrainingInputs inputs =
        description(patience.call(() -> cache.whole(lease.data(), TrainingInputs.MAX_BYTES)));
    requireTerms(lease, spec, inputs);
    return new Described(spec, inputs);
  }

  private StagedShard shard(LeaseOffer lease, Described job, Patience patience)
      throws LeaseFailure, InterruptedException {
    TrainingSpec training = plan(job.spec(), job.inputs()).training();
    requirePlace(lease.task(), training.rounds(), training.shards());
    requireMemory(job.spec(), job.inputs());
    ShardInputs.Place place =
        new ShardInputs.Place(
            lease.spec(), lease.baseModel(), lease.task().round(), lease.task().shard());
    try {
      return new StagedShard(ShardInputs.read(training, job.inputs(), place, cached(patience)));
    } catch (ShardInputs.Unusable e) {
      throw new LeaseFailure(String.valueOf(e.getMessage()), e);
    }
  }

  private void place(CommandInputs.Blob blob, Path place, Patience patience)
      throws LeaseFailure, InterruptedException {
    Path unused =
        patience.call(
            () -> {
              cache.place(blob.id(), blob.bytes(), place);
              return place;
            });
  }

  /** Everything for a command's lease; its blobs go to disk. */
  SandboxRuntime.Staged command(LeaseOffer lease, SandboxRuntime runtime, Patience patience)
      throws LeaseFailure, IOException, InterruptedException {
    JobContent content = content(patience.call(() -> cache.whole(lease.spec(), JobFile.MAX_BYTES)));
    if (!(content instanceof CommandSpec spec)) {
      throw new LeaseFailure("the job's terms are a command's, but its file is not");
    }
    CommandInputs inputs =
        inputs(patience.call(() -> cache.whole(lease.data(), CommandInputs.MAX_BYTES)));
    Optional<String> refusal = CommandPlan.refusal(lease.terms(), spec, inputs, network);
    if (refusal.isPresent()) {
      throw new LeaseFailure("the job's terms: " + refusal.get());
    }
    TaskId task = lease.task();
    requirePlace(task, spec.rounds(), spec.shards());
    return runtime.stage(lease, spec, inputs, (blob, place) -> place(blob, place, patience));
  }

  private static CommandInputs inputs(byte[] bytes) throws LeaseFailure {
    try {
      return CommandInputs.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new LeaseFailure("the description of the command's inputs: " + e.getMessage(), e);
    }
  }

  private ShardInputs.Blobs<LeaseFailure> cached(Patience patience) {
    return new ShardInputs.Blobs<>() {
      @Override
      public byte[] whole(Digest blob, int most) throws LeaseFailure, InterruptedException {
        return patience.call(() -> cache.whole(blob, most));
      }

      @Override
      public byte[] range(Digest blob, long blobBytes, long offset, int length)
          throws LeaseFailure, InterruptedException {
        return patience.call(() -> cache.range(blob, blobBytes, offset, length));
      }
    };
  }

  private static JobSpec jobFile(byte[] bytes) throws LeaseFailure {
    if (content(bytes) instanceof JobSpec training) {
      return training;
    }
    throw new LeaseFailure("the job's terms are training's, but its file is not");
  }

  private static JobContent content(byte[] bytes) throws LeaseFailure {
    try {
      return JobFile.parse(bytes).content();
    } catch (JobRefused e) {
      throw new LeaseFailure("the job file: " + e.brief(), e);
    }
  }

  private static TrainingInputs description(byte[] bytes) throws LeaseFailure {
    try {
      return TrainingInputs.decode(bytes);
    } catch (IllegalArgumentException e) {
      throw new LeaseFailure("the data's description: " + e.getMessage(), e);
    }
  }

  /**
   * The pay follows from the terms, so terms that do not follow from the job are not worked for.
   */
  private void requireTerms(LeaseOffer lease, JobSpec spec, TrainingInputs inputs)
      throws LeaseFailure {
    Optional<String> refusal = JobPlan.refusal(lease.terms(), spec, inputs, network);
    if (refusal.isPresent()) {
      throw new LeaseFailure("the job's terms: " + refusal.get());
    }
  }

  /** The time of submission only moves the deadline, which training does not ask for. */
  private JobPlan plan(JobSpec spec, TrainingInputs inputs) throws LeaseFailure {
    try {
      return JobPlan.of(spec, inputs, network, Instant.EPOCH);
    } catch (JobRefused e) {
      throw new LeaseFailure("the job file: " + e.brief(), e);
    }
  }

  private static void requirePlace(TaskId task, int rounds, int shards) throws LeaseFailure {
    if (task.round() < 1 || task.round() > rounds || task.shard() < 0 || task.shard() >= shards) {
      throw new LeaseFailure(
          "expected one of %d rounds and %d shards, but the task is %s"
              .formatted(rounds, shards, task));
    }
  }

  /** Asks for the estimate from model and data, whatever the job file claims to need. */
  private void requireMemory(JobSpec spec, TrainingInputs inputs) throws LeaseFailure {
    int needed = plan(spec.withoutMemory(), inputs).terms().memoryMiB();
    if (needed > memoryMiB) {
      throw new LeaseFailure(
          "expected a shard that fits in %d MiB, but it needs %d".formatted(memoryMiB, needed));
    }
  }
}
