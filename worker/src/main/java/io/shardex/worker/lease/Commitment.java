package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import java.util.OptionalInt;

/**
 * What a worker said, or is about to say, of a lease's training. There is one for a lease, ever.
 *
 * @param divergedAt the step at which the numbers left the finite ones; empty for a result
 * @param shown the result's blob id, or the diverged run's digest
 * @param root of the training run; an audit asks for it
 * @param seal that binds all of it to the lease and the worker
 * @param inputs what it was executed from
 */
record Commitment(
    TaskId task,
    long fence,
    OptionalInt divergedAt,
    Digest shown,
    Digest root,
    Digest seal,
    Digest inputs) {

  /** The command that tells the market. */
  Command command() {
    if (task.isAudit()) {
      return new Command.CommitAudit(task, fence, seal, inputs);
    }
    return divergedAt.isPresent()
        ? new Command.CommitDiverged(task, fence, divergedAt.getAsInt(), seal, inputs)
        : new Command.CommitResult(task, fence, shown, seal, inputs);
  }
}
