package io.shardex.worker.runtime;

import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTask;
import io.shardex.training.data.Samples;
import io.shardex.training.model.ShardCheckpoint;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a worker trains shards with. Called on the lease's thread. */
@FunctionalInterface
public interface Trainer {
  /**
   * Trains a shard to its end, to divergence or until cancelled.
   *
   * @param samples exactly the shard's
   * @param from a checkpoint of this shard; its start if empty
   * @param cancelled polled before each step
   */
  ShardOutcome train(
      ShardTask task,
      Samples samples,
      Optional<ShardCheckpoint> from,
      ShardProgress progress,
      BooleanSupplier cancelled);
}
