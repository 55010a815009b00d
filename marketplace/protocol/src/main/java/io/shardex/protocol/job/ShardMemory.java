package io.shardex.protocol.job;

import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;

/**
 * The memory one shard needs when the job file does not say: the model six times over (round model,
 * parameters, gradients, momentum, result and its encoding; Adam's second moment makes it seven),
 * the activations of a batch three times (sums, activations, deltas), what a convolution lays out
 * on a lane twice, the shard's samples and labels twice (as fetched and as cut), and 64 MiB for the
 * process. Of a builder's own module nobody knows the activations: it has 768 MiB for agent, child
 * and libtorch in place of them, and its job file says more where that is not enough. Integers
 * only, since every validator computes it again.
 */
final class ShardMemory {
  private static final long MIB = 1 << 20;
  private static final long PROCESS_MIB = 64;

  private ShardMemory() {}

  private static final long TORCH_MIB = 768;

  /** Mebibytes, rounded up. */
  static int mebibytes(TrainingSpec spec) {
    long samples = Math.ceilDiv(spec.trainImages(), spec.shards());
    long model = copies(spec.local()) * Float.BYTES * spec.model().parameterCount();
    long data = 2 * samples * ((long) spec.model().inputs() + spec.model().labels());
    return switch (spec.model()) {
      case ModelSpec.Layered layered ->
          mebibytes(PROCESS_MIB, model + working(layered, spec.local()) + data);
      case ModelSpec.TorchScript module -> mebibytes(TORCH_MIB, model + data);
    };
  }

  private static int mebibytes(long processes, long bytes) {
    return Math.toIntExact(processes + Math.ceilDiv(bytes, MIB));
  }

  private static long working(ModelSpec.Layered model, LocalSpec local) {
    long lanes = 2L * Float.BYTES * model.laneFloats();
    long batch = 3L * Float.BYTES * model.units() * local.batchSize();
    return batch + lanes;
  }

  private static long copies(LocalSpec local) {
    return switch (local) {
      case LocalSpec.Sgd sgd -> 6;
      case LocalSpec.Adam adam -> 7;
    };
  }
}
