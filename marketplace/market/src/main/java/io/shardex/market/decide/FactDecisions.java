package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.Command;
import io.shardex.market.Divergence;
import io.shardex.market.Ending;
import io.shardex.market.Ending.Cause;
import io.shardex.market.Envelope;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.TaskId;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import java.util.List;
import java.util.Optional;

/** Voting on what is true outside the log. */
final class FactDecisions {
  private FactDecisions() {}

  /** Asks the validators; does nothing if the question is open already. */
  static void open(Step step, Fact fact) {
    if (!step.state().facts().containsKey(fact)) {
      step.emit(new Event.FactOpened(fact, step.now() + viewMillis(step, fact)));
    }
  }

  /** A dispute's view has the time of the execution on top. */
  private static long viewMillis(Step step, Fact fact) {
    return fact instanceof Fact.Dispute dispute
        ? step.rules().audits().dispute()
            + Matching.workMillis(step, JobDecisions.job(step, dispute.audit().job()))
        : step.rules().pace().factView();
  }

  static void attest(Step step, Command.Attest attest, Envelope envelope, Address signer) {
    requireValidator(step, signer);
    Fact fact = attest.fact();
    FactValue value = attest.value();
    checkValue(step, fact, value);
    boolean asked = step.state().facts().containsKey(fact);
    OpenFact open = openFact(step, fact);
    Refusal.unless(
        open.view() == attest.view(),
        Reason.STALE_VIEW,
        fact + " is in view " + open.view() + ", but the vote is of view " + attest.view());
    Optional<OpenFact.Vote> before = open.voteOf(signer);
    if (before.isPresent()) {
      Refusal.unless(
          before.get().value().equals(value),
          Reason.CONTRADICTION,
          signer + " voted otherwise on " + fact + " in view " + open.view());
      return;
    }
    if (!asked) {
      open(step, fact);
    }
    step.emit(
        new Event.Attested(
            fact, open.view(), signer, value, endorsement(fact, envelope, signer, open)));
    settleIfAgreed(step, fact, value);
  }

  private static Optional<Batch.Endorsement> endorsement(
      Fact fact, Envelope envelope, Address signer, OpenFact open) {
    return fact instanceof Fact.BatchOf
        ? Optional.of(
            new Batch.Endorsement(
                signer,
                open.view(),
                envelope.nonce(),
                envelope.expiryMillis(),
                envelope.signature()))
        : Optional.empty();
  }

  /**
   * The open question. A result may be called unusable without anybody having asked: the first such
   * vote opens the fact.
   */
  private static OpenFact openFact(Step step, Fact fact) {
    OpenFact open = step.state().facts().get(fact);
    if (open != null) {
      return open;
    }
    boolean committed =
        fact instanceof Fact.ResultUnusable unusable
            && isSettled(step, unusable)
            && step.state()
                .task(unusable.task())
                .filter(task -> task.phase() == TaskPhase.COMMITTED)
                .filter(task -> task.fence() == unusable.fence())
                .isPresent();
    Refusal.unless(committed, Reason.UNKNOWN_FACT, fact + " is not open");
    return new OpenFact(0, step.now() + step.rules().pace().factView(), List.of());
  }

  /**
   * A result that waits for evidence is judged by what it shows, whether or not its bytes are
   * there: else a liar that is drawn would have an accomplice call it missing.
   */
  private static boolean isSettled(Step step, Fact.ResultUnusable unusable) {
    return !unusable.task().isAudit()
        && step.state()
            .result(unusable.task().audit(unusable.fence()))
            .filter(result -> !result.phase().isOpen())
            .isPresent();
  }

  /** Evidence is asked for anew: an accusation that is open is void. */
  static void dropAccusation(Step step, TaskId audit) {
    Fact unusable = new Fact.ResultUnusable(audit.training(), audit.audited());
    if (step.state().facts().containsKey(unusable)) {
      step.emit(new Event.FactDropped(unusable));
    }
  }

  private static void checkValue(Step step, Fact fact, FactValue value) {
    boolean fits =
        switch (fact) {
          case Fact.ChainRange range ->
              value instanceof FactValue.ChainPage page
                  && page.to() >= range.from()
                  && page.to() <= range.to()
                  // A block is never split, so one full block may hold more than a page does.
                  && (page.events().size() <= step.rules().bounds().chainEvents()
                      || page.to() == range.from());
          case Fact.TermsOf terms ->
              value instanceof FactValue.TermsHold || value instanceof FactValue.TermsRefused;
          case Fact.RoundModel model -> value instanceof FactValue.Averaged;
          case Fact.ResultUnusable unusable -> value instanceof FactValue.Unusable;
          case Fact.BatchOf batch -> value instanceof FactValue.BatchHash;
          case Fact.Dispute dispute ->
              value instanceof FactValue.Executed executed
                  && executed.checkpoints().size() == checkpoints(step, dispute)
                  && executed
                      .divergedAt()
                      .map(at -> executed.shown().equals(Divergence.shown(at)))
                      .orElse(true);
          case Fact.Checkpoint checkpoint -> value instanceof FactValue.StateDigest;
          case Fact.Hardware hardware -> value instanceof FactValue.Judged;
        };
    Refusal.unless(
        fits,
        Reason.WRONG_VALUE,
        "this " + value.getClass().getSimpleName() + " does not answer " + fact);
  }

  /** How many checkpoints the disputed result rests on. */
  private static int checkpoints(Step step, Fact.Dispute dispute) {
    return step.state()
        .result(dispute.audit())
        .map(result -> result.claim().checkpoints().size())
        .orElse(0);
  }

  private static void settleIfAgreed(Step step, Fact fact, FactValue value) {
    OpenFact open = step.state().facts().get(fact);
    if (open == null || open.count(value) < step.state().network().threshold()) {
      return;
    }
    step.emit(new Event.FactSettled(fact, value));
    switch (value) {
      case FactValue.ChainPage page -> ChainDecisions.advance(step, page);
      case FactValue.TermsHold hold ->
          JobDecisions.fund(step, jobOf(fact).orElseThrow(), hold.model());
      case FactValue.TermsRefused refused ->
          JobDecisions.startEnding(
              step,
              jobOf(fact).orElseThrow(),
              JobPhase.FAILED,
              new Ending(Cause.TERMS_REFUSED, refused.why()));
      case FactValue.Averaged averaged -> closeRound(step, (Fact.RoundModel) fact, averaged);
      case FactValue.Unusable unusable ->
          rejectResult(step, (Fact.ResultUnusable) fact, unusable.flaw());
      case FactValue.BatchHash hash ->
          BatchDecisions.sign(step, (Fact.BatchOf) fact, hash.digest(), open.votes());
      case FactValue.Executed executed ->
          DisputeDecisions.settle(step, ((Fact.Dispute) fact).audit(), executed, open.votes());
      // Nodes that installed a snapshot wait for this event; the market needs nothing of it.
      case FactValue.StateDigest digest -> {}
      case FactValue.Judged judged ->
          ProofDecisions.judge(step, (Fact.Hardware) fact, judged.verdict());
    }
  }

  /** Every committed shard is part of the model k validators computed alike. */
  private static void closeRound(Step step, Fact.RoundModel fact, FactValue.Averaged averaged) {
    for (Task task : step.state().shardsOf(fact.job())) {
      if (task.phase() == TaskPhase.COMMITTED) {
        LeaseDecisions.verify(step, task);
      }
    }
    dropResultFacts(step, fact.job());
    step.emit(
        new Event.RoundClosed(fact.job(), fact.round(), averaged.model(), averaged.lossBits()));
    JobDecisions.roundClosed(step, fact.job());
  }

  private static void rejectResult(Step step, Fact.ResultUnusable fact, FactValue.Flaw flaw) {
    Fact round = step.state().roundModel(JobDecisions.job(step, fact.task().job()));
    if (step.state().facts().containsKey(round)) {
      step.emit(new Event.FactDropped(round));
    }
    step.state()
        .task(fact.task())
        .ifPresent(
            task ->
                LeaseDecisions.fail(
                    step,
                    task,
                    switch (flaw) {
                      case MISSING -> Event.Failure.RESULT_MISSING;
                      case MALFORMED -> Event.Failure.RESULT_MALFORMED;
                      case NOT_FINITE -> Event.Failure.RESULT_NOT_FINITE;
                    }));
  }

  private static void dropResultFacts(Step step, JobId job) {
    for (Fact fact : List.copyOf(step.state().facts().keySet())) {
      if (fact instanceof Fact.ResultUnusable unusable && unusable.task().job().equals(job)) {
        step.emit(new Event.FactDropped(fact));
      }
    }
  }

  /** Raises the view of a question whose time is up, or gives up on it. */
  static void timeOut(Step step, Fact fact, OpenFact open) {
    boolean lastView = open.view() + 1 >= step.rules().bounds().views();
    boolean ofEndedJob =
        jobOf(fact).flatMap(step.state()::job).filter(job -> job.phase().ended()).isPresent();
    if (fact instanceof Fact.ResultUnusable || (lastView && fact instanceof Fact.Checkpoint)) {
      step.emit(new Event.FactDropped(fact));
    } else if (lastView && fact instanceof Fact.Hardware hardware) {
      step.emit(new Event.FactDropped(fact));
      step.emit(new Event.ChallengeDropped(hardware.worker()));
    } else if (lastView && ofEndedJob && fact instanceof Fact.Dispute dispute) {
      step.emit(new Event.FactDropped(fact));
      AuditDecisions.voidAudit(step, dispute.audit());
    } else if (lastView && jobOf(fact).isPresent()) {
      step.emit(new Event.FactDropped(fact));
      JobId job = jobOf(fact).get();
      Ending why =
          new Ending(
              Cause.VALIDATORS_DISAGREE,
              "no " + step.state().network().threshold() + " validators agreed on " + fact);
      JobDecisions.end(step, job, JobPhase.FAILED, why);
    } else {
      step.emit(new Event.ViewRaised(fact, open.view() + 1, step.now() + viewMillis(step, fact)));
    }
  }

  /** The job a fact is about; empty for facts about the chain and batches. */
  static Optional<JobId> jobOf(Fact fact) {
    return switch (fact) {
      case Fact.TermsOf terms -> Optional.of(terms.job());
      case Fact.RoundModel model -> Optional.of(model.job());
      case Fact.ResultUnusable unusable -> Optional.of(unusable.task().job());
      case Fact.ChainRange range -> Optional.empty();
      case Fact.BatchOf batch -> Optional.empty();
      case Fact.Dispute dispute -> Optional.of(dispute.audit().job());
      case Fact.Checkpoint checkpoint -> Optional.empty();
      case Fact.Hardware hardware -> Optional.empty();
    };
  }

  static void requireValidator(Step step, Address signer) {
    Refusal.unless(
        step.state().ticks().containsKey(signer),
        Reason.NOT_A_VALIDATOR,
        signer + " is no validator of this network");
  }
}
