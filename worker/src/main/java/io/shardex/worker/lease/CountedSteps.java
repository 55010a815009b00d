package io.shardex.worker.lease;

import io.shardex.protocol.client.LeaseOffer;
import io.shardex.training.ShardProgress;
import io.shardex.worker.metrics.WorkerMeter;

/** Tells of each step of a lease, and counts what was done from its making on. */
final class CountedSteps implements ShardProgress {
  private final LeaseOffer offer;
  private final LeaseRunner.Progress progress;
  private final WorkerMeter meter;
  private final long start = System.nanoTime();
  private final int from;
  private int taken;

  /**
   * Begins to count.
   *
   * @param from steps that were done before
   */
  CountedSteps(LeaseOffer offer, int from, LeaseRunner.Progress progress, WorkerMeter meter) {
    this.offer = offer;
    this.progress = progress;
    this.meter = meter;
    this.from = from;
    this.taken = from;
  }

  @Override
  public void stepped(int step, int steps, double meanLoss) {
    taken = step;
    progress.stepped(offer.task(), offer.fence(), step, steps, meanLoss);
  }

  /** Puts what was done of a shard into the metrics. */
  void meter(StagedShard shard) {
    meter.trained(shard.visited(taken) - shard.visited(from), (System.nanoTime() - start) / 1e9);
  }
}
