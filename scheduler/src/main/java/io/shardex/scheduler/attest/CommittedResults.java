package io.shardex.scheduler.attest;

import io.shardex.market.Digest;
import io.shardex.market.FactValue.Flaw;
import io.shardex.market.TaskId;
import io.shardex.market.state.Task;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.ShardResult;
import io.shardex.training.spec.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads committed results out of the grid, and checks their shape, place and finiteness (L1). */
final class CommittedResults {
  /** Results of a round that are read at a time: much of a read is to wait for other nodes. */
  private static final int AT_A_TIME = 2;

  private final JobLibrary jobs;
  private final Patience patience;

  CommittedResults(JobLibrary jobs, Patience patience) {
    this.jobs = jobs;
    this.patience = patience;
  }

  /** A result that nobody can use. */
  static final class Flawed extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Task task;
    private final Flaw flaw;

    Flawed(Task task, Flaw flaw) {
      super(flaw.name());
      this.task = task;
      this.flaw = flaw;
    }

    Task task() {
      return task;
    }

    Flaw flaw() {
      return flaw;
    }
  }

  /** The results of a round in the order of its tasks, or the first flaw in that order. */
  List<ShardResult> read(TrainingSpec spec, List<Task> tasks) throws CannotTell, Flawed {
    // Not virtual: a large result takes long to hash and to look through.
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_A_TIME, Thread.ofPlatform().daemon().name("result-", 0).factory());
    try {
      List<Future<ShardResult>> reads =
          tasks.stream().map(task -> threads.submit(() -> read(spec, task))).toList();
      List<ShardResult> results = new ArrayList<>();
      for (Future<ShardResult> read : reads) {
        results.add(await(read));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static ShardResult await(Future<ShardResult> read) throws CannotTell, Flawed {
    try {
      return read.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotTell("the node stops", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case CannotTell unclear -> throw unclear;
        case Flawed flawed -> throw flawed;
        case null, default ->
            throw new IllegalStateException("a result cannot be read", e.getCause());
      }
    }
  }

  /** The result that the task's lease committed to; a missing one is waited for first. */
  ShardResult read(TrainingSpec spec, Task task) throws CannotTell, Flawed {
    TaskId id = task.id();
    try {
      return ShardResult.decode(bytes(spec, task), spec, id.round() - 1, id.shard());
    } catch (JobLibrary.TooLarge e) {
      throw new Flawed(task, Flaw.MALFORMED);
    } catch (JobLibrary.Absent e) {
      if (patience.isOver(task)) {
        throw new Flawed(task, Flaw.MISSING);
      }
      throw e;
    } catch (MalformedBlob e) {
      throw new Flawed(
          task, e.fault() == MalformedBlob.Fault.NOT_FINITE ? Flaw.NOT_FINITE : Flaw.MALFORMED);
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
