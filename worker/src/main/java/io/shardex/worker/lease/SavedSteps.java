package io.shardex.worker.lease;

import io.shardex.training.ShardProgress;
import io.shardex.training.model.ShardCheckpoint;
import java.util.Optional;

/**
 * A lease's work: what it comes to is saved now and then, and for the last time when the worker
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
    save(checkpoint.step(), () -> Optional.of(checkpoint.encode()));
  }

  /** Saves what was wanted; returns before that is done, unless the worker leaves. */
  void save(int step, CheckpointSaver.Content content) {
    saver.ifPresent(
        open -> {
          if (lease.isLeaving()) {
            open.saveNow(step, content);
            left = true;
          } else {
            open.save(step, content);
          }
        });
  }

  @Override
  public void close() {
    lease.savable(false);
    saver.ifPresent(CheckpointSaver::close);
  }
}
