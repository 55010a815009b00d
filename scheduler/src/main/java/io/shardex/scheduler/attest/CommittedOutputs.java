package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.state.Task;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.BlobStat;
import io.shardex.scheduler.grid.GridFailure;

/** Finds the committed outputs of a command in the grid: whether they are there, and their size. */
final class CommittedOutputs {
  private final BlobGrid grid;
  private final Patience patience;

  CommittedOutputs(BlobGrid grid, Patience patience) {
    this.grid = grid;
    this.patience = patience;
  }

  /** The output that the task's lease committed to; a missing one is waited for first. */
  OutputIndex.Output find(CommandSpec spec, Task task) throws CannotTell, CommittedResults.Flawed {
    Digest blob =
        task.commitment()
            .map(Task.Commitment::result)
            .orElseThrow(() -> new CannotTell("task " + task.id() + " has no commitment"));
    if (!(stat(blob) instanceof BlobStat.Complete whole)) {
      if (patience.isOver(task)) {
        throw new CommittedResults.Flawed(task, Flaw.MISSING);
      }
      throw new JobLibrary.Absent("the output of " + task.id() + " is not in the grid");
    }
    if (whole.totalBytes() > spec.limits().outputBytes()) {
      throw new CommittedResults.Flawed(task, Flaw.MALFORMED);
    }
    return new OutputIndex.Output(task.id().shard(), blob, whole.totalBytes());
  }

  private BlobStat stat(Digest blob) throws CannotTell {
    try {
      return grid.stat(blob);
    } catch (GridFailure e) {
      throw new CannotTell("blob " + blob.hex() + " cannot be looked up: " + e.getMessage(), e);
    }
  }
}
