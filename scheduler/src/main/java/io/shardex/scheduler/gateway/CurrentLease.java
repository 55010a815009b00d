package io.shardex.scheduler.gateway;

import static io.shardex.protocol.wire.WireValues.bytes;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import io.shardex.protocol.wire.Lease;
import io.shardex.protocol.wire.ShardCheckpoint;
import java.util.Optional;

/** The lease a worker holds, as its agent is told of it. */
record CurrentLease(TaskId task, long fence, Lease message) {
  static Optional<CurrentLease> of(MarketState state, Address worker) {
    return state
        .worker(worker)
        .flatMap(Worker::lease)
        .flatMap(state::task)
        .flatMap(task -> state.job(task.id().job()).flatMap(job -> of(state, job, task)));
  }

  boolean isSameAs(Optional<CurrentLease> other) {
    return other.filter(it -> it.task.equals(task) && it.fence == fence).isPresent();
  }

  private static Optional<CurrentLease> of(MarketState state, Job job, Task task) {
    return task.lease()
        .map(lease -> new CurrentLease(task.id(), task.fence(), message(state, job, task, lease)));
  }

  private static Lease message(MarketState state, Job job, Task task, Task.Lease lease) {
    Lease.Builder message =
        Lease.newBuilder()
            .setTask(bytes(ValueCodecs.TASK_ID, task.id()))
            .setFence(task.fence())
            .setDeadlineMillis(lease.deadlineMillis())
            .setNowMillis(state.clock().millis())
            .setTerms(bytes(ValueCodecs.JOB_TERMS, job.terms()))
            .setSpecBlob(bytes(job.deposit().spec()))
            .setDataBlob(bytes(job.terms().data()))
            .setBaseModelBlob(bytes(base(state, job, task)))
            .setStarted(lease.started());
    task.offered()
        .ifPresent(
            from ->
                message.setCheckpoint(
                    ShardCheckpoint.newBuilder().setStep(from.step()).setBlob(bytes(from.blob()))));
    return message.build();
  }

  /** An audit starts from what the audited shard started from. */
  private static Digest base(MarketState state, Job job, Task task) {
    return state.result(task.id()).map(result -> result.claim().base()).orElseGet(job::baseModel);
  }
}
