package io.shardex.worker.runtime;

import io.shardex.training.ShardProgress;
import io.shardex.training.data.Samples;
import io.shardex.worker.runtime.torch.TorchOutcome;
import io.shardex.worker.runtime.torch.TorchShard;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** What a worker trains builders' own modules with. Called on the lease's thread. */
@FunctionalInterface
public interface ModuleTrainer {
  /**
   * Trains a shard to its end, to divergence, until cancelled or until it fails.
   *
   * @param module a TorchScript archive, a stranger's
   * @param samples exactly the shard's
   * @param cancelled polled all the time
   */
  TorchOutcome train(
      TorchShard shard,
      Path module,
      Samples samples,
      ShardProgress progress,
      BooleanSupplier cancelled)
      throws InterruptedException;
}
