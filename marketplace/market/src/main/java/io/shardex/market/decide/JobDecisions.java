package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.CheckpointEvery;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.Ending.Cause;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import java.util.List;
import java.util.Optional;

/** The life of jobs: submitted, funded, round after round, ended, settled, archived. */
final class JobDecisions {
  private JobDecisions() {}

  static void submit(Step step, Command.SubmitJob submit, Address signer) {
    MarketState state = step.state();
    Deposit deposit =
        Optional.ofNullable(state.deposits().get(submit.job()))
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.NO_DEPOSIT,
                        "no deposit for job " + submit.job() + " is confirmed on chain"));
    Refusal.unless(
        deposit.builder().equals(signer),
        Reason.NOT_SIGNED_BY,
        "the deposit of job " + submit.job() + " belongs to " + deposit.builder());
    Refusal.unless(
        state.job(submit.job()).isEmpty(),
        Reason.JOB_EXISTS,
        "job " + submit.job() + " was submitted before");
    Refusal.unless(
        state.jobs().size() < step.rules().bounds().jobs(),
        Reason.TOO_MANY_JOBS,
        "the market holds " + step.rules().bounds().jobs() + " jobs already");
    checkTerms(step, submit.terms(), deposit);
    checkBudget(submit.terms(), state.ledger().balance(Account.of(Kind.FREE, submit.job())));
    step.emit(new Event.JobSubmitted(submit.job(), signer, submit.terms()));
    FactDecisions.open(step, new Fact.TermsOf(submit.job()));
  }

  private static void checkTerms(Step step, JobTerms terms, Deposit deposit) {
    Rules.Bounds bounds = step.rules().bounds();
    inRange("shards", terms.shards(), 1, bounds.shards());
    inRange("rounds", terms.rounds(), 1, bounds.rounds());
    Refusal.unless(
        (long) terms.shards() * terms.rounds() <= bounds.results(),
        Reason.MALFORMED,
        "shards x rounds must be at most " + bounds.results());
    inRange("shardSteps", terms.shardSteps(), 1, Integer.MAX_VALUE);
    inRange("memoryMiB", terms.memoryMiB(), 0, 1 << 24);
    Refusal.unless(
        terms.name().length() <= 64, Reason.MALFORMED, "a job's name has at most 64 characters");
    Refusal.unless(
        terms.shardWork().count() > 0, Reason.MALFORMED, "a shard needs at least 1 work unit");
    checkProof(terms, step.rules().money().auditFloor());
    checkCheckpoints(terms, step.rules().pace().checkpoint());
    Refusal.unless(
        step.state().price(terms.resources()).isPresent(),
        Reason.UNKNOWN_CLASS,
        "the network has no class '" + terms.resources() + "'");
    Refusal.unless(
        terms.deadlineMillis() > step.now(),
        Reason.DEADLINE_PAST,
        "the deadline " + terms.deadlineMillis() + " is past; it is " + step.now());
    long margin = step.rules().pace().settleMargin();
    long settledBy = Math.min(terms.deadlineMillis(), Long.MAX_VALUE - margin) + margin;
    Refusal.unless(
        deposit.refundAt() >= settledBy / 1_000,
        Reason.REFUND_TOO_EARLY,
        "the refund time "
            + deposit.refundAt()
            + " s must not be before deadline and settlement margin, "
            + settledBy / 1_000
            + " s");
  }

  /** Checkpoints by steps that come too soon are refused one by one. */
  private static void checkCheckpoints(JobTerms terms, long leastMillis) {
    if (terms.execution().checkpoint().orElse(null) instanceof CheckpointEvery.Time time) {
      Refusal.unless(
          time.millis() >= leastMillis,
          Reason.MALFORMED,
          "checkpoints must be at least " + leastMillis + " ms apart, not " + time.millis());
    }
  }

  private static void checkProof(JobTerms terms, PartsPerMillion floor) {
    terms
        .execution()
        .contradiction()
        .ifPresent(
            detail -> {
              throw new Refusal(Reason.MALFORMED, detail);
            });
    if (terms.execution().isProvable()) {
      Refusal.unless(
          terms.audit().compareTo(floor) >= 0,
          Reason.MALFORMED,
          "the audit share is below the network's floor of "
              + floor.value()
              + " parts per million");
      return;
    }
    Refusal.unless(
        terms.audit().value() == 0,
        Reason.MALFORMED,
        "expected an audit share of 0 where results cannot be proven, but it is "
            + terms.audit().value()
            + " parts per million");
    Refusal.unless(
        !terms.rollsBack(),
        Reason.MALFORMED,
        "expected no roll-back where no lie can be proven, but the terms ask for it");
  }

  private static void inRange(String field, int value, int least, int most) {
    Refusal.unless(
        value >= least && value <= most,
        Reason.MALFORMED,
        field + " must lie in " + least + ".." + most + ", but is " + value);
  }

  private static void checkBudget(JobTerms terms, Amount deposited) {
    Amount least;
    try {
      least = terms.roundBudget();
      terms.fullBudget();
    } catch (ArithmeticException e) {
      throw new Refusal(Reason.MALFORMED, "the terms cost more than an amount can hold");
    }
    Refusal.unless(
        !deposited.isLessThan(least),
        Reason.BUDGET_TOO_SMALL,
        "a round needs holds of "
            + least
            + " at the price limit, but "
            + deposited
            + " is deposited: "
            + least.minus(deposited.min(least))
            + " is missing");
  }

  static void cancel(Step step, Command.CancelJob cancel, Address signer) {
    Job job =
        step.state()
            .job(cancel.job())
            .orElseThrow(
                () -> new Refusal(Reason.UNKNOWN_JOB, "there is no job " + cancel.job() + " here"));
    Refusal.unless(
        job.deposit().builder().equals(signer),
        Reason.NOT_SIGNED_BY,
        "job " + job.id() + " belongs to " + job.deposit().builder());
    Refusal.unless(
        !job.phase().ended() && job.ending().isEmpty(),
        Reason.JOB_ENDED,
        "job " + job.id() + " has ended or is ending");
    startEnding(
        step,
        job.id(),
        JobPhase.CANCELLED,
        new Ending(Cause.CANCELLED_BY_BUILDER, "cancelled in round " + job.round()));
  }

  /** Terms hold: the job is funded and its first round opens. */
  static void fund(Step step, JobId id, Digest model) {
    step.emit(new Event.JobFunded(id, model));
    step.emit(new Event.RoundOpened(id, 1));
    pauseOrResume(step, id);
  }

  /** No open shard any more, all committed: the validators are asked for the round's model. */
  static void roundMayBeTrained(Step step, JobId id) {
    Job job = job(step, id);
    if (!job.phase().ended() && job.ending().isEmpty() && isCommitted(step, job)) {
      closeIfProven(step, id);
    }
  }

  private static boolean isCommitted(Step step, Job job) {
    int committed =
        step.state().count(job.id(), TaskPhase.COMMITTED)
            + step.state().count(job.id(), TaskPhase.DISPUTED);
    return committed == job.terms().shards();
  }

  /** All that was asked for is committed: when the evidence is complete too, the round closes. */
  private static void closeIfProven(Step step, JobId id) {
    if (isLast(job(step, id))) {
      drawLast(step, id);
    }
    if (isProven(step, job(step, id))) {
      FactDecisions.open(step, step.state().roundModel(job(step, id)));
    }
  }

  /** No round comes after the open one. */
  private static boolean isLast(Job job) {
    return job.ending().isPresent() || job.round() == job.terms().rounds();
  }

  private static void drawLast(Step step, JobId id) {
    boolean chance =
        job(step, id).terms().audit().value() > 0
            && step.state().resultsOf(id).values().stream()
                .anyMatch(
                    result ->
                        result.phase() == ResultPhase.SPARED
                            || result.phase() == ResultPhase.WAITING);
    if (chance && job(step, id).doubt().lastDraw() == Job.LastDraw.NOT_YET) {
      step.emit(new Event.LastDrawAwaited(id, BeaconDecisions.nextDraw(step)));
      doubtCame(step, id);
    }
  }

  /** A round's own results must be settled; before a job ends, all of its results. */
  private static boolean isProven(Step step, Job job) {
    return isLast(job)
        ? job.doubt().lastDraw() != Job.LastDraw.AWAITED && !step.state().hasOpenResults(job.id())
        : !step.state().hasOpenResults(job.id(), job.round());
  }

  /** A result of the job was spared, proved or refuted. */
  static void evidenceCame(Step step, JobId id) {
    roundMayBeTrained(step, id);
    settleEndingIfDone(step, id);
  }

  /** Results that seemed settled are in doubt again: no model may be made of them. */
  static void doubtCame(Step step, JobId id) {
    Job job = job(step, id);
    Fact model = step.state().roundModel(job);
    if (step.state().facts().containsKey(model) && !isProven(step, job)) {
      step.emit(new Event.FactDropped(model));
    }
  }

  /** Another execution diverged at the same step: the job cannot be trained as it is. */
  static void diverged(Step step, TaskId task, int at) {
    startEnding(
        step,
        task.job(),
        JobPhase.FAILED,
        new Ending(
            Cause.DIVERGED,
            "training of shard "
                + task.shard()
                + " of round "
                + task.round()
                + " left the finite numbers at step "
                + at));
  }

  /** The round's model is attested and its shards are paid. */
  static void roundClosed(Step step, JobId id) {
    Job job = job(step, id);
    if (job.ending().isPresent()) {
      settleEndingIfDone(step, id);
    } else if (job.doubt().rollBackTo() > 0) {
      rollBack(step, job);
    } else if (job.round() == job.terms().rounds()) {
      end(
          step,
          id,
          JobPhase.COMPLETED,
          new Ending(Cause.ALL_ROUNDS_DONE, job.round() + " rounds are closed"));
    } else {
      step.emit(new Event.RoundOpened(id, job.round() + 1));
    }
  }

  /** Trains again what rests on a lie; the liars' stakes pay the builder for it. */
  private static void rollBack(Step step, Job job) {
    int round = job.doubt().rollBackTo();
    Amount discarded =
        step.state().resultsOf(job.id()).values().stream()
            .filter(result -> result.id().round() >= round)
            .filter(result -> step.state().isLatestOfItsShard(result.id()))
            .flatMap(result -> result.paid().stream())
            .map(split -> split.pay().plus(split.fee()))
            .reduce(Amount.ZERO, Amount::plus);
    step.emit(new Event.JobRolledBack(job.id(), round, discarded));
    Amount left = discarded;
    for (Address liar : job.doubt().liars()) {
      left = left.minus(DisputeDecisions.compensate(step, liar, job.deposit().builder(), left));
    }
    step.emit(new Event.RoundOpened(job.id(), round));
  }

  /** Ends a job at once, or as soon as what is out has come back. */
  static void startEnding(Step step, JobId id, JobPhase phase, Ending why) {
    Job job = job(step, id);
    if (job.ending().isPresent() || job.phase().ended()) {
      return;
    }
    step.emit(new Event.JobEnding(id, phase, why));
    settleEndingIfDone(step, id);
  }

  /**
   * An ending job is over when no shard is leased and none waits for its pay. Committed shards of a
   * round that will never close are paid by the fact on the round's results as far as they go.
   */
  static void settleEndingIfDone(Step step, JobId id) {
    Job job = job(step, id);
    boolean nothingToEnd = job.ending().isEmpty() || job.phase().ended();
    if (nothingToEnd || step.state().count(id, TaskPhase.LEASED) > 0) {
      return;
    }
    drawLast(step, id);
    if (!isProven(step, job(step, id))) {
      return;
    }
    if (step.state().count(id, TaskPhase.COMMITTED) > 0) {
      FactDecisions.open(step, step.state().roundModel(job));
      return;
    }
    Job.JobEnd end = job.ending().get();
    end(step, id, end.phase(), end.why());
  }

  static void end(Step step, JobId id, JobPhase phase, Ending why) {
    for (Fact fact : List.copyOf(step.state().facts().keySet())) {
      if (FactDecisions.jobOf(fact).equals(Optional.of(id))) {
        step.emit(new Event.FactDropped(fact));
      }
    }
    Ledger ledger = step.state().ledger();
    Amount rest =
        ledger.balance(Account.of(Kind.FREE, id)).plus(ledger.balance(Account.of(Kind.HELD, id)));
    step.emit(new Event.JobEnded(id, phase, why, rest));
  }

  /** A new price, or new terms: whether the job's limit still reaches. */
  static void pauseOrResume(Step step, JobId id) {
    Job job = job(step, id);
    step.state()
        .price(job.terms().resources())
        .ifPresent(
            price -> {
              boolean tooDear = price.compareTo(job.terms().limit()) > 0;
              if (tooDear && job.phase().leases()) {
                step.emit(new Event.JobPaused(id, price));
              } else if (!tooDear && job.phase() == JobPhase.PAUSED) {
                step.emit(new Event.JobResumed(id, price));
              }
            });
  }

  static Job job(Step step, JobId id) {
    return step.state()
        .job(id)
        .orElseThrow(() -> new IllegalStateException("job " + id + " is not in the state"));
  }
}
