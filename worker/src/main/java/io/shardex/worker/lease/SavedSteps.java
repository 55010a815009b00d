package io.shardex.worker.lease;

import io.shardex.training.ShardProgress;
import io.shardex.training.model.ShardCheckpoint;
import java.util.Optional;

/**
 * A lease's training: what it comes to is saved now and then, and for the last time when the worker
 * leaves. Closes what saves it.
 */
final class SavedSteps implements ShardProgress, AutoCloseable {
  private final HeldLease lease;
  private final ShardProgress steps;
  private final Optional<CheckpointSaver> saver;
  private boolean left;

  SavedSteps(HeldLease lease, ShardProgress steps, Optional<CheckpointSaver> saver) {
    this.lease = lease;
    this.steps = steps;
    this.saver = saver;
    lease.savable(true);
  }

  /** Whether there is no use in going on. */
  boolean isOver() {
    return lease.isOver() || (lease.isLeaving() && (left || saver.isEmpty()));
  }

  @Override
  public void stepped(int step, int of, double meanLoss) {
    steps.stepped(step, of, meanLoss);
  }

  @Override
  public boolean wantsCheckpoint(int step) {
    return saver.filter(open -> lease.isLeaving() || open.isDue(step)).isPresent();
  }

  @Override
  public void reached(ShardCheckpoint checkpoint) {
    saver.ifPresent(open -> save(open, checkpoint));
  }

  private void save(CheckpointSaver open, ShardCheckpoint checkpoint) {
    if (lease.isLeaving()) {
      open.saveNow(checkpoint.step(), checkpoint::encode);
      left = true;
    } else {
      open.save(checkpoint.step(), checkpoint::encode);
    }
  }

  @Override
  public void close() {
    lease.savable(false);
    saver.ifPresent(CheckpointSaver::close);
  }
}
