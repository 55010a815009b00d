package io.shardex.worker.lease;

import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardCheckpoint;
import java.util.function.IntFunction;

/**
 * Reads the checkpoints of a shard.
 *
 * @param places what one must be, by its step
 */
record ShardCheckpoints(IntFunction<ShardCheckpoint.Place> places)
    implements Beginning.Reader<ShardCheckpoint> {
  @Override
  public int mostBytes(int step) {
    return places.apply(step).blobBytes();
  }

  @Override
  public ShardCheckpoint read(int step, byte[] checkpoint) throws LeaseFailure {
    try {
      return ShardCheckpoint.decode(checkpoint, places.apply(step));
    } catch (MalformedBlob e) {
      throw new LeaseFailure(String.valueOf(e.getMessage()), e);
    }
  }
}
