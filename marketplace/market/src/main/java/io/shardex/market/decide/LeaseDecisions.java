package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.TaskId;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Result;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.WorkUnits;
import java.util.Optional;

/** Leases: what their holders may do, and how they fail. */
final class LeaseDecisions {
  private LeaseDecisions() {}

  static void start(Step step, Command.StartLease start, Address signer) {
    Task task = leased(step, start.task(), start.fence(), signer);
    if (!lease(task).started()) {
      step.emit(new Event.LeaseStarted(task.id(), task.fence()));
    }
  }

  static void commit(Step step, Command.CommitResult commit, Address signer) {
    Task task = leased(step, commit.task(), commit.fence(), signer);
    requireKind(task, false);
    requireSeal(commit.seal());
    boolean resumed = resumed(step, task, commit.inputs());
    step.emit(
        new Event.ResultCommitted(
            task.id(), task.fence(), commit.result(), commit.seal(), resumed));
    committed(step, task.id().job());
  }

  /** The next slot's beacon decides whether it is audited. */
  private static void committed(Step step, JobId job) {
    BeaconDecisions.nextDraw(step);
    JobDecisions.roundMayBeTrained(step, job);
    JobDecisions.settleEndingIfDone(step, job);
  }

  /** A claim that another execution must confirm. */
  static void diverged(Step step, Command.CommitDiverged diverged, Address signer) {
    Task task = leased(step, diverged.task(), diverged.fence(), signer);
    requireKind(task, false);
    requireSeal(diverged.seal());
    boolean resumed = resumed(step, task, diverged.inputs());
    JobTerms terms = JobDecisions.job(step, task.id().job()).terms();
    Refusal.unless(
        terms.execution().isProvable(),
        Reason.UNPROVABLE,
        "expected a result of task " + task.id() + ", but the command says that it diverged");
    int steps = terms.shardSteps();
    Refusal.unless(
        diverged.step() >= 0 && diverged.step() <= steps,
        Reason.MALFORMED,
        "a step must lie in 0.." + steps + ", but is " + diverged.step());
    step.emit(
        new Event.DivergenceCommitted(
            task.id(), task.fence(), diverged.step(), diverged.seal(), resumed));
    committed(step, task.id().job());
  }

  /** Zero stands for a result of the validators, which nobody sealed. */
  private static void requireSeal(Digest seal) {
    Refusal.unless(!seal.equals(Digest.ZERO), Reason.MALFORMED, "a seal cannot be zero");
  }

  /** A checkpoint for whoever holds the next lease of the task; the market cannot look into it. */
  static void save(Step step, Command.SaveCheckpoint save, Address signer) {
    Task task = leased(step, save.task(), save.fence(), signer);
    requireKind(task, false);
    JobTerms terms = JobDecisions.job(step, task.id().job()).terms();
    Refusal.unless(
        terms.execution().checkpoint().isPresent(),
        Reason.NO_CHECKPOINTS,
        "expected a job with checkpoints, but the terms of " + task.id() + " ask for none");
    Refusal.unless(
        lease(task).started(),
        Reason.WRONG_PHASE,
        "expected the lease of task " + task.id() + " to have started, but it has not");
    Refusal.unless(
        save.step() > 0 && save.step() < terms.shardSteps(),
        Reason.MALFORMED,
        "a checkpoint's step must lie in 1.." + (terms.shardSteps() - 1) + ": " + save.step());
    boolean resumed = resumed(step, task, save.inputs());
    boolean timed = terms.execution().isTimed();
    requireProgress(step, task, save.step(), resumed || timed);
    if (timed) {
      requireElapsed(step, task, save.step());
    }
    step.emit(
        new Event.CheckpointSaved(
            task.id(), task.fence(), signer, save.step(), save.blob(), resumed));
    if (timed) {
      payInstalment(step, task, terms, save.step());
    }
  }

  /** Nobody works longer than the lease has run; what earlier ones were paid for is gone. */
  private static void requireElapsed(Step step, Task task, int reached) {
    long ran = step.now() - lease(task).startedAtMillis().orElse(step.now());
    long most = task.offeredSteps() + ran / 1_000;
    Refusal.unless(
        reached <= most,
        Reason.CHECKPOINT_TOO_SOON,
        "task " + task.id() + " has been worked on for " + most + " s, not " + reached);
  }

  /** Whoever saves is paid for the time since the checkpoint before, whoever's that was. */
  private static void payInstalment(Step step, Task task, JobTerms terms, int reached) {
    WorkUnits rate = step.state().workPerHour(terms);
    WorkUnits work =
        terms.instalments(reached, rate).minus(terms.instalments(task.savedSteps(), rate));
    Amount gross = lease(task).price().floorCost(work);
    if (!gross.isZero()) {
      step.emit(
          new Event.InstalmentPaid(
              task.id(), task.fence(), lease(task).owner(), split(step, task.id().job(), gross)));
    }
  }

  private static FeeSplit split(Step step, JobId job, Amount gross) {
    Amount before = Spent.gross(step.state().ledger(), job);
    return FeeSplit.of(before, gross, step.rules().money().fee());
  }

  /**
   * It is later than what it rests on, and than the last one of its lease by a while.
   *
   * @param follows whether it goes on counting from what the lease was offered
   */
  private static void requireProgress(Step step, Task task, int reached, boolean follows) {
    Optional<Checkpoint> own = task.ownCheckpoint();
    int before =
        own.or(() -> task.offered().filter(offered -> follows)).map(Checkpoint::step).orElse(0);
    Refusal.unless(
        reached > before,
        Reason.CHECKPOINT_STALE,
        "expected a checkpoint after step " + before + ", but it is of step " + reached);
    long due = own.map(last -> last.savedAtMillis() + step.rules().pace().checkpoint()).orElse(0L);
    Refusal.unless(
        due <= step.now(),
        Reason.CHECKPOINT_TOO_SOON,
        "the next checkpoint of task " + task.id() + " may come at " + due);
  }

  /** Ends the lease by its holder's own word; it counts as any other that brought nothing. */
  static void giveUp(Step step, Command.GiveUpLease command, Address signer) {
    Task task = leased(step, command.task(), command.fence(), signer);
    Refusal.unless(
        command.why().isGivenUp(),
        Reason.MALFORMED,
        "a worker does not give up a lease as " + command.why());
    fail(step, task, command.why());
  }

  /**
   * Whether it was made from the checkpoint that the lease was offered, and not from the start.
   * What was made from other inputs than the market's proves nothing against who made it.
   */
  private static boolean resumed(Step step, Task task, Digest inputs) {
    boolean resumed =
        task.offered().filter(from -> inputs.equals(step.state().inputs(task, from))).isPresent();
    if (!resumed) {
      requireInputs(step, task, inputs);
    }
    return resumed;
  }

  /** Nothing but the market's own inputs, from the start. */
  static void requireInputs(Step step, Task task, Digest inputs) {
    Refusal.unless(
        inputs.equals(step.state().inputs(task)),
        Reason.WRONG_INPUTS,
        "task " + task.id() + " is not executed from what " + inputs.brief() + " names");
  }

  /** A result and an audit are committed to by commands of their own. */
  static void requireKind(Task task, boolean audit) {
    Refusal.unless(
        task.id().isAudit() == audit,
        Reason.WRONG_PHASE,
        "task " + task.id() + (audit ? " is no audit" : " is an audit: commit to it as one"));
  }

  /** Ends a lease that brought nothing, and what follows for worker, shard and job. */
  static void fail(Step step, Task task, Event.Failure why) {
    if (task.id().isAudit()) {
      AuditDecisions.missed(step, task.id());
      return;
    }
    Task.Lease lease = lease(task);
    AuditDecisions.voidAudit(step, task.id().audit(task.fence()));
    step.emit(new Event.LeaseFailed(task.id(), task.fence(), lease.worker(), why));
    step.emit(new Event.AskWithdrawn(lease.worker(), step.now() + step.rules().pace().cooldown()));
    if (why == Event.Failure.EXPIRED || why.isGivenUp()) {
      AuditDecisions.handBack(step, WorkerDecisions.worker(step, lease.worker()));
    }
    JobId job = task.id().job();
    boolean abandoned =
        step.state()
            .task(task.id())
            .filter(left -> left.phase() == TaskPhase.ABANDONED)
            .isPresent();
    if (abandoned) {
      JobDecisions.startEnding(
          step,
          job,
          JobPhase.FAILED,
          new Ending(
              Ending.Cause.SHARD_ABANDONED,
              "shard "
                  + task.id().shard()
                  + " of round "
                  + task.id().round()
                  + " failed in "
                  + task.fence()
                  + " leases, the last one "
                  + why));
    }
    JobDecisions.settleEndingIfDone(step, job);
  }

  /** Pays a committed shard whose result stands; one that the validators replaced pays nobody. */
  static void verify(Step step, Task task) {
    JobId id = task.id().job();
    Task.Lease lease = lease(task);
    Result result =
        step.state()
            .resultOf(task)
            .orElseThrow(() -> new IllegalStateException("task " + task.id() + " has no result"));
    if (!result.phase().stands()) {
      step.emit(new Event.ShardReplaced(task.id()));
      return;
    }
    step.emit(
        new Event.ShardVerified(task.id(), lease.owner(), split(step, id, result.claim().gross())));
  }

  static Task leased(Step step, TaskId id, long fence, Address signer) {
    Task task =
        step.state()
            .task(id)
            .orElseThrow(() -> new Refusal(Reason.NO_LEASE, "task " + id + " is not open here"));
    Refusal.unless(
        task.fence() == fence,
        Reason.STALE_FENCE,
        "expected fence " + task.fence() + " of task " + id + ", but the command has " + fence);
    Refusal.unless(
        task.phase() == TaskPhase.LEASED,
        Reason.WRONG_PHASE,
        "expected task " + id + " to be leased, but it is " + task.phase());
    Refusal.unless(
        lease(task).worker().equals(signer),
        Reason.NO_LEASE,
        "the lease of task " + id + " belongs to " + lease(task).worker());
    return task;
  }

  static Task.Lease lease(Task task) {
    return task.lease()
        .orElseThrow(() -> new IllegalStateException("task " + task.id() + " has no lease"));
  }
}
