package io.shardex.worker.lease;

import io.shardex.training.ShardTask;
import io.shardex.training.ShardTrainer;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardCheckpoint;

/** Reads the checkpoints of a shard in the reference arithmetic. */
record ShardCheckpoints(ShardTask task) implements Beginning.Reader<ShardCheckpoint> {
  @Override
  public int mostBytes(int step) {
    return ShardTrainer.place(task, step).blobBytes();
  }

  @Override
  public ShardCheckpoint read(int step, byte[] checkpoint) throws MalformedBlob {
    return ShardCheckpoint.decode(checkpoint, ShardTrainer.place(task, step));
  }
}
