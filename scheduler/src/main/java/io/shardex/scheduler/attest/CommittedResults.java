package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.TaskId;
import io.shardex.market.state.Task;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;

/** Reads committed results out of the grid and checks their shape, place and finiteness (L1). */
final class CommittedResults {
  private final JobLibrary jobs;
  private final Patience patience;

  CommittedResults(JobLibrary jobs, Patience patience) {
    this.jobs = jobs;
    this.patience = patience;
  }

  /** A result that nobody can use. */
  static final class Flawed extends Exception {
    private static final long serialVersionUID = 1;
    private final Flaw flaw;

    Flawed(Flaw flaw) {
      super(flaw.name());
      this.flaw = flaw;
    }

    Flaw flaw() {
      return flaw;
    }
  }

  /** The result that the task's lease committed to; a missing one is waited for first. */
  ShardResult read(TrainingSpec spec, Task task) throws CannotTell, Flawed {
    TaskId id = task.id();
    try {
      return ShardResult.decode(bytes(spec, task), spec, id.round() - 1, id.shard());
    } catch (JobLibrary.TooLarge e) {
      throw new Flawed(Flaw.MALFORMED);
    } catch (JobLibrary.Absent e) {
      if (patience.isOver(task)) {
        throw new Flawed(Flaw.MISSING);
      }
      throw e;
    } catch (MalformedBlob e) {
      throw new Flawed(
          e.fault() == MalformedBlob.Fault.NOT_FINITE ? Flaw.NOT_FINITE : Flaw.MALFORMED);
    }
  }

  private byte[] bytes(TrainingSpec spec, Task task) throws CannotTell {
    Digest blob =
        task.commitment()
            .map(Task.Commitment::result)
            .orElseThrow(() -> new CannotTell("task " + task.id() + " has no commitment"));
    return jobs.load(blob, "the result of " + task.id(), ShardResult.blobBytes(spec.model()));
  }
}
