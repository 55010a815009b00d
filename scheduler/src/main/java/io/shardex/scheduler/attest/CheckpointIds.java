package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.state.Checkpoint;
import io.shardex.protocol.blob.Manifest;
import io.shardex.training.ShardProgress;
import io.shardex.training.model.ShardCheckpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the checkpoints that a result rests on should have been, as a true run comes by. */
final class CheckpointIds implements ShardProgress {
  private final List<Checkpoint> claimed;
  private final Map<Integer, Digest> reached = new HashMap<>();

  CheckpointIds(List<Checkpoint> claimed) {
    this.claimed = claimed;
  }

  @Override
  public void stepped(int step, int steps, double meanLoss) {}

  @Override
  public boolean wantsCheckpoint(int step) {
    return claimed.stream().anyMatch(one -> one.step() == step);
  }

  @Override
  public void reached(ShardCheckpoint checkpoint) {
    reached.put(checkpoint.step(), Manifest.of(checkpoint.encode()).id());
  }

  /** In the order of the claims; zero where the run had no such state. */
  List<Digest> ids() {
    return claimed.stream().map(one -> reached.getOrDefault(one.step(), Digest.ZERO)).toList();
  }
}
