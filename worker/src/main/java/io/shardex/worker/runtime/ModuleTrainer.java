package io.shardex.worker.runtime;

import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchProgress;
import io.shardex.worker.runtime.torch.TorchShard;
import io.shardex.worker.runtime.torch.TorchState;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a worker trains builders' own modules with. Called on the lease's thread. */
@FunctionalInterface
public interface ModuleTrainer {
  /**
   * Trains a shard to its end, to divergence, until cancelled or until it fails.
   *
   * @param job the shard's; what one job's module leaves behind, no other job's module meets
   * @param module a TorchScript archive, a stranger's
   * @param samples exactly the shard's
   * @param from what to go on from; the start if empty
   * @param cancelled polled all the time
   */
  TorchOutcome train(
      Digest job,
      TorchShard shard,
      Path module,
      Samples samples,
      Optional<TorchState> from,
      TorchProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException;
}
