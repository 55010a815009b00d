package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Event;
import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Checkpoint;
import io.shardex.market.state.Job;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Result;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import java.util.List;
import java.util.Optional;

/** What the validators found by executing a shard, and what it costs whoever said otherwise. */
final class DisputeDecisions {
  private DisputeDecisions() {}

  /** The validators are asked to execute the shard. */
  static void open(Step step, TaskId id, DisputeCause cause) {
    step.emit(new Event.DisputeOpened(id, cause));
    FactDecisions.open(step, new Fact.Dispute(id));
  }

  /** The truth is known: each party is judged by it, and both may have lied. */
  static void settle(Step step, TaskId id, FactValue.Executed truth, List<OpenFact.Vote> votes) {
    Result result = AuditDecisions.result(step, id);
    Result.Opening opening = new Result.Opening(truth.root(), truth.shown());
    List<Address> executors =
        votes.stream()
            .filter(vote -> vote.value().equals(truth))
            .map(OpenFact.Vote::validator)
            .toList();
    boolean falseResult = !result.claim().shown().equals(truth.shown());
    boolean falseClaim =
        falseResult || result.audit().worker().filter(said -> !said.equals(opening)).isPresent();
    Result.Party worker = new Result.Party(result.claim().worker(), result.claim().owner());
    Result.Party liar = liar(result.claim(), truth, worker);
    boolean misled = falseClaim && !liar.equals(worker);
    boolean auditorLied = result.audit().other().filter(said -> !said.equals(opening)).isPresent();
    step.emit(new Event.DisputeSettled(id, truth, falseClaim && !misled, auditorLied, misled));
    // An auditor that had proved the result before has its pay.
    boolean owed = !result.audit().hold().isZero();
    if (result.audit().other().isPresent() && !auditorLied && owed) {
      AuditDecisions.pay(step, id);
    }
    Amount slashed = Amount.ZERO;
    if (auditorLied) {
      slashed = slashed.plus(punish(step, id, result.audit().auditor().orElseThrow(), executors));
    }
    if (falseClaim) {
      slashed = slashed.plus(punish(step, id, liar, slashed.isZero() ? executors : List.of()));
    }
    if (slashed.isZero()) {
      payFromFees(step, id, executors);
    }
    if (falseClaim) {
      refute(step, id, truth, falseResult, liar.owner());
    } else {
      AuditDecisions.prove(step, id);
    }
  }

  /**
   * Who answers for a false result: of all that rest on one another, back from the result, the
   * first one that rests on what is true. Who only built on a stranger's false word lied about
   * nothing that can be proven.
   */
  private static Result.Party liar(
      Result.Claim claim, FactValue.Executed truth, Result.Party worker) {
    Result.Party liar = worker;
    for (int i = claim.checkpoints().size() - 1; i >= 0; i--) {
      Checkpoint before = claim.checkpoints().get(i);
      if (before.blob().equals(truth.checkpoints().get(i))) {
        return liar;
      }
      liar = new Result.Party(before.worker(), before.owner());
    }
    return liar;
  }

  private static void refute(
      Step step, TaskId id, FactValue.Executed truth, boolean falseResult, Address liar) {
    Result result = AuditDecisions.result(step, id);
    step.emit(new Event.ResultRefuted(id, truth.shown(), truth.divergedAt()));
    Optional<FeeSplit> paid = result.paid();
    paid.ifPresent(split -> step.emit(new Event.PayReversed(id, result.claim().owner(), split)));
    Job job = JobDecisions.job(step, id.job());
    if (falseResult && paid.isPresent() && isRestedOn(step, job, id)) {
      step.emit(new Event.RoundTainted(id.job(), id.round(), liar));
    }
    truth.divergedAt().ifPresent(at -> JobDecisions.diverged(step, id, at));
    JobDecisions.evidenceCame(step, id.job());
  }

  /** Whether the model of a closed round holds this very result, and the job goes on from it. */
  private static boolean isRestedOn(Step step, Job job, TaskId id) {
    return !job.phase().ended()
        && id.round() <= job.losses().size()
        && step.state().isLatestOfItsShard(id);
  }

  /** A proven lie costs a worker's stake, as far as there is any. */
  private static Amount punish(Step step, TaskId id, Result.Party liar, List<Address> executors) {
    step.emit(new Event.LieProved(id, liar.worker(), liar.owner()));
    Amount left =
        step.state()
            .bonded(liar.owner())
            .plus(balance(step, Account.of(Kind.UNBONDING, liar.owner())));
    Amount slash = left.min(step.rules().money().workerStake());
    if (!slash.isZero()) {
      step.emit(new Event.StakeSlashed(liar.owner(), slash));
      executors.forEach(key -> compensate(step, liar.owner(), key, worth(step, id)));
      WorkerDecisions.stakeFell(step, liar.owner());
    }
    for (Address key : step.state().workerKeysOf(liar.owner())) {
      AuditDecisions.handBack(step, WorkerDecisions.worker(step, key));
    }
    suspect(step, liar.owner());
    return slash;
  }

  /** Out of what the owner lost and nobody has yet, as far as it goes; gives what it came to. */
  static Amount compensate(Step step, Address owner, Address beneficiary, Amount wanted) {
    Amount amount = wanted.min(balance(step, Account.of(Kind.BURNED, owner)));
    if (!amount.isZero()) {
      step.emit(new Event.Compensated(owner, beneficiary, amount));
    }
    return amount;
  }

  private static Amount worth(Step step, TaskId id) {
    Job job = JobDecisions.job(step, id.job());
    return AuditDecisions.result(step, id).claim().price().floorCost(job.terms().shardWork());
  }

  /** Nobody lied, so the network pays for the execution, as far as the job's fees go. */
  private static void payFromFees(Step step, TaskId id, List<Address> executors) {
    JobId job = id.job();
    if (JobDecisions.job(step, job).phase().ended()) {
      return;
    }
    Amount each = worth(step, id);
    for (Address validator : executors) {
      Amount amount = each.min(balance(step, Account.of(Kind.FEES, job)));
      if (!amount.isZero()) {
        step.emit(new Event.ExecutionPaid(job, validator, amount));
      }
    }
  }

  /** Everything of a proven liar that has not vested is drawn, but what k validators executed. */
  private static void suspect(Step step, Address owner) {
    List<JobId> jobs =
        step.state().resultsOf(owner).stream()
            .filter(Result::mayBeDrawn)
            .map(result -> result.id().job())
            .distinct()
            .toList();
    if (!jobs.isEmpty()) {
      step.state().resultsOf(owner).stream()
          .filter(Result::mayBeDrawn)
          .map(Result::id)
          .toList()
          .forEach(result -> FactDecisions.dropAccusation(step, result));
      step.emit(new Event.OwnerSuspected(owner, BeaconDecisions.nextDraw(step)));
      jobs.forEach(job -> JobDecisions.doubtCame(step, job));
    }
  }

  private static Amount balance(Step step, Account account) {
    return step.state().ledger().balance(account);
  }
}
