package io.shardex.worker.runtime;

import io.shardex.training.ShardOutcome;
import io.shardex.training.ShardProgress;
import io.shardex.training.ShardTask;
import io.shardex.training.ShardTrainer;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.data.Samples;
import io.shardex.training.model.ShardCheckpoint;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Trains shards with the reference arithmetic, on the caller's thread and its helpers. */
public final class ReferenceTrainer implements Trainer {
  private final int threads;

  /**
   * A trainer on so many threads, the caller's included; their number never changes a result.
   *
   * @param threads 1 to 256
   */
  public ReferenceTrainer(int threads) {
    if (threads < 1 || threads > 256) {
      throw new IllegalArgumentException("expected 1 to 256 threads, but it is " + threads);
    }
    this.threads = threads;
  }

  @Override
  public ShardOutcome train(
      ShardTask task,
      Samples samples,
      Optional<ShardCheckpoint> from,
      ShardProgress progress,
      BooleanSupplier cancelled) {
    try (Lanes lanes = Lanes.of(threads)) {
      return new ShardTrainer(lanes).train(task, samples, from, progress, cancelled);
    }
  }
}
