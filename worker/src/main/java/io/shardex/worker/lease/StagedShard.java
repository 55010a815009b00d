package io.shardex.worker.lease;

import io.shardex.protocol.job.ShardInputs;
import io.shardex.training.ShardTask;
import io.shardex.training.data.Samples;

/** All that training a lease needs, checked. */
record StagedShard(ShardInputs inputs) {
  ShardTask task() {
    return inputs.task();
  }

  Samples samples() {
    return inputs.samples();
  }

  /** Samples visited by the first {@code steps} steps; each local epoch ends in a short batch. */
  long visited(int steps) {
    long count = samples().count();
    long batch = task().spec().local().batchSize();
    long stepsPerEpoch = Math.ceilDiv(count, batch);
    return steps / stepsPerEpoch * count + Math.min(count, steps % stepsPerEpoch * batch);
  }
}
