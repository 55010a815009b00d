package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.protocol.wire.Heartbeat;
import io.shardex.protocol.wire.Progress;
import io.shardex.protocol.wire.TaskProgress;
import io.shardex.protocol.wire.WireValues;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What the agents connected here last said of their leases. In memory only, one entry a lease, for
 * people to watch: nothing is decided by it.
 */
final class LiveProgress {
  private final ConcurrentSkipListMap<TaskId, TaskProgress> latest = new ConcurrentSkipListMap<>();

  void heard(Address worker, TaskId task, Heartbeat beat) {
    latest.put(
        task,
        TaskProgress.newBuilder()
            .setTask(WireValues.bytes(ValueCodecs.TASK_ID, task))
            .setFence(beat.getFence())
            .setWorker(WireValues.bytes(worker))
            .setStep(beat.getStep())
            .setSteps(beat.getSteps())
            .setLossBits(beat.getLossBits())
            .build());
  }

  void forget(TaskId task) {
    latest.remove(task);
  }

  Progress of(JobId job) {
    return Progress.newBuilder()
        .addAllTasks(
            latest
                .subMap(
                    new TaskId(job, 0, 0),
                    true,
                    new TaskId(job, Integer.MAX_VALUE, Integer.MAX_VALUE),
                    true)
                .values())
        .build();
  }
}
