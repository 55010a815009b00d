package io.shardex.protocol.job;

import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.TrainingSpec;

/**
 * The memory one shard needs when the job file does not say: the model six times over (round model,
 * parameters, gradients, momentum, result and its encoding; Adam's second moment makes it seven),
 * the activations of a batch three times (sums, activations, deltas), what a convolution lays out
 * on a lane twice, the shard's samples twice (as fetched and as cut), and 64 MiB for the process.
 * Integers only, since every validator computes it again.
 */
final class ShardMemory {
  private static final long MIB = 1 << 20;
  private static final long PROCESS_MIB = 64;

  private ShardMemory() {}

  /** Mebibytes, rounded up. */
  static int mebibytes(TrainingSpec spec) {
    long samples = Math.ceilDiv(spec.trainImages(), spec.shards());
    long model = copies(spec.local()) * Float.BYTES * spec.model().parameterCount();
    long lanes = 2L * Float.BYTES * spec.model().laneFloats();
    long batch = 3L * Float.BYTES * spec.model().units() * spec.local().batchSize();
    long data = 2 * samples * (spec.model().inputs() + 1L);
    return Math.toIntExact(PROCESS_MIB + Math.ceilDiv(model + batch + lanes + data, MIB));
  }

  private static long copies(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> 6;
      case LocalSpec.Adam adam -> 7;
    };
  }
}
