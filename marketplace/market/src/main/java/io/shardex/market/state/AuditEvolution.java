package io.shardex.market.state;

import static io.shardex.market.state.Evolution.job;
import static io.shardex.market.state.Evolution.lease;
import static io.shardex.market.state.Evolution.payOut;
import static io.shardex.market.state.Evolution.result;
import static io.shardex.market.state.Evolution.standing;
import static io.shardex.market.state.Evolution.task;
import static io.shardex.market.state.Evolution.worker;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account.Kind;
import io.shardex.pricing.Amount;
import java.util.List;
import java.util.Optional;

/** Applies the events of audits, disputes and slashes to the state. */
final class AuditEvolution {
  private AuditEvolution() {}

  static void evolve(MarketState state, Event.OfAudit event, Stamp stamp) {
    switch (event) {
      case Event.AuditSpared spared ->
          state.put(result(state, spared.audit()).in(ResultPhase.SPARED));
      case Event.ProofWaived waived ->
          state.put(result(state, waived.audit()).in(ResultPhase.UNPROVEN));
      case Event.AuditDeferred deferred -> {
        Result result = result(state, deferred.audit());
        state.put(
            result.in(
                ResultPhase.WAITING, result.audit().deferred(deferred.slot(), deferred.cause())));
      }
      case Event.AuditDrawn drawn -> draw(state, drawn);
      case Event.AuditSealed sealed -> {
        Task task = task(state, sealed.audit());
        state.put(
            task.committed(new Task.Commitment(Digest.ZERO, sealed.seal(), Optional.empty())));
        state.put(worker(state, lease(task).worker()).idle(stamp));
        Result result = result(state, sealed.audit());
        state.put(result.in(ResultPhase.SEALED, result.audit().sealed(sealed.revealByMillis())));
      }
      case Event.Revealed revealed -> open(state, revealed);
      case Event.AuditMissed missed -> {
        standing(state, missed.owner(), Standing::countMissed);
        Result result = result(state, missed.audit());
        drawAgain(state, missed.audit(), result.audit().missedAnd(missed.owner()), stamp);
      }
      case Event.AuditReturned returned ->
          drawAgain(
              state, returned.audit(), result(state, returned.audit()).audit().missed(), stamp);
      case Event.AuditVoided voided -> {
        Result result = result(state, voided.audit());
        endAudit(state, result, stamp);
        state.remove(result(state, voided.audit()));
      }
      case Event.ResultProved proved -> {
        boolean byValidators = result(state, proved.audit()).phase() == ResultPhase.DISPUTED;
        endAudit(state, result(state, proved.audit()), stamp);
        Result result = result(state, proved.audit());
        state.put(
            result.in(
                ResultPhase.PROVED, byValidators ? result.audit().byValidators() : result.audit()));
        settleTask(state, proved.audit(), Optional.empty());
      }
      case Event.AuditPaid paid -> pay(state, paid);
      case Event.DisputeOpened opened -> {
        state.put(result(state, opened.audit()).in(ResultPhase.DISPUTED));
        shardOf(state, opened.audit()).ifPresent(task -> state.put(task.disputed()));
      }
      case Event.DisputeSettled settled -> {}
      case Event.ResultRefuted refuted -> {
        endAudit(state, result(state, refuted.audit()), stamp);
        state.put(result(state, refuted.audit()).in(ResultPhase.REFUTED));
        settleTask(
            state,
            refuted.audit(),
            Optional.of(Task.Commitment.ofValidators(refuted.shown(), refuted.divergedAt())));
      }
      case Event.PayReversed back -> reverse(state, back);
      case Event.LieProved lie -> standing(state, lie.owner(), Standing::countLie);
      case Event.OwnerSuspected suspected -> suspect(state, suspected);
      case Event.StakeSlashed slashed -> slash(state, slashed);
      case Event.Compensated given -> {
        state.ledger.move(
            Account.of(Kind.BURNED, given.owner()),
            Account.compensated(given.owner(), given.beneficiary()),
            given.amount());
        state.unsettled.add(given.owner());
      }
      case Event.ExecutionPaid paid ->
          state.ledger.move(
              Account.of(Kind.FEES, paid.job()),
              Account.paid(paid.job(), paid.validator()),
              paid.amount());
    }
  }

  private static void draw(MarketState state, Event.AuditDrawn drawn) {
    Result result = result(state, drawn.audit());
    if (drawn.auditor().isEmpty()) {
      state.put(result.with(result.audit().drawnInVain()));
      return;
    }
    Amount kept = result.audit().hold();
    Amount held = kept.isZero() ? holdForAudit(state, drawn) : kept;
    Worker auditor = worker(state, drawn.auditor().get());
    Result.Audit audit =
        result.audit().drawn(new Result.Party(auditor.key(), auditor.owner()), drawn.price(), held);
    state.put(result.in(ResultPhase.DRAWN, audit));
    state.put(Task.open(drawn.audit(), audit.draws() - 1));
    state.put(auditor.drawnFor(drawn.audit()));
  }

  /** Out of the job's free money, or half of the hold of the lease that is audited. */
  private static Amount holdForAudit(MarketState state, Event.AuditDrawn drawn) {
    JobId job = drawn.audit().job();
    if (!drawn.hold().isZero()) {
      state.ledger.move(Account.of(Kind.FREE, job), Account.of(Kind.HELD, job), drawn.hold());
      return drawn.hold();
    }
    Task task =
        shardOf(state, drawn.audit())
            .orElseThrow(() -> new IllegalStateException("nothing is held for " + drawn.audit()));
    Amount half = job(state, job).terms().auditHold();
    state.put(task.with(lease(task).holding(lease(task).hold().minus(half))));
    return half;
  }

  private static void open(MarketState state, Event.Revealed revealed) {
    TaskId id =
        revealed.task().isAudit() ? revealed.task() : revealed.task().audit(revealed.fence());
    Result result = result(state, id);
    Result.Opening opening = new Result.Opening(revealed.root(), revealed.shown());
    state.put(
        result.with(
            revealed.task().isAudit()
                ? result.audit().withOther(opening)
                : result.audit().withWorker(opening)));
  }

  /** The auditor is free of its duty, and the result waits for the next slot's beacon. */
  private static void drawAgain(
      MarketState state, TaskId audit, List<Address> missed, Stamp stamp) {
    dismiss(state, result(state, audit), stamp);
    Result result = result(state, audit);
    state.put(result.in(ResultPhase.WAITING, result.audit().again(state.clock.slot() + 1, missed)));
  }

  /** Takes the audit's task away from its auditor. */
  private static void dismiss(MarketState state, Result result, Stamp stamp) {
    result
        .audit()
        .auditor()
        .map(party -> worker(state, party.worker()))
        .ifPresent(
            auditor -> {
              Worker free = auditor.without(result.id());
              state.put(free.lease().equals(Optional.of(result.id())) ? free.idle(stamp) : free);
            });
    state.task(result.id()).ifPresent(state::remove);
  }

  /** Nothing more is asked of the auditor; what was held for the audit is free again. */
  static void endAudit(MarketState state, Result result, Stamp stamp) {
    dismiss(state, result, stamp);
    JobId job = result.id().job();
    state.ledger.move(
        Account.of(Kind.HELD, job), Account.of(Kind.FREE, job), result.audit().hold());
    state.put(result.with(result.audit().released()));
  }

  private static void pay(MarketState state, Event.AuditPaid paid) {
    Result result = result(state, paid.audit());
    JobId job = paid.audit().job();
    state.ledger.move(
        Account.of(Kind.HELD, job), Account.of(Kind.FREE, job), result.audit().hold());
    payOut(state, paid.audit(), paid.owner(), paid.split());
    state.put(result.with(result.audit().released()));
  }

  /** The shard is committed again; with the validators' result if they found another. */
  private static void settleTask(MarketState state, TaskId audit, Optional<Task.Commitment> truth) {
    shardOf(state, audit)
        .ifPresent(
            task -> {
              Task undisputed =
                  task.phase() == TaskPhase.DISPUTED
                      ? task.committed(task.commitment().orElseThrow())
                      : task;
              state.put(truth.map(undisputed::replaced).orElse(undisputed));
            });
  }

  /** The shard of the open round whose result this audit is about. */
  private static Optional<Task> shardOf(MarketState state, TaskId audit) {
    return state
        .task(audit.training())
        .filter(task -> task.fence() == audit.audited())
        .filter(task -> task.phase() == TaskPhase.COMMITTED || task.phase() == TaskPhase.DISPUTED);
  }

  private static void reverse(MarketState state, Event.PayReversed back) {
    JobId job = back.audit().job();
    boolean ended = job(state, job).phase().ended();
    Account into = Account.of(ended ? Kind.REFUNDED : Kind.FREE, job);
    state.ledger.move(Account.paid(job, back.owner()), into, back.split().pay());
    state.ledger.moveAtMost(Account.of(Kind.FEES, job), into, back.split().fee());
    state.put(result(state, back.audit()).paid(Optional.empty()));
  }

  private static void suspect(MarketState state, Event.OwnerSuspected suspected) {
    for (Result result : state.resultsOf(suspected.owner())) {
      if (result.mayBeDrawn()) {
        state.put(result.in(ResultPhase.WAITING, result.audit().doubted(suspected.slot())));
      }
    }
  }

  private static void slash(MarketState state, Event.StakeSlashed slashed) {
    Account bonded = Account.of(Kind.BONDED, slashed.owner());
    Account burned = Account.of(Kind.BURNED, slashed.owner());
    Amount first = slashed.amount().min(state.ledger.balance(bonded));
    state.ledger.move(bonded, burned, first);
    state.ledger.move(
        Account.of(Kind.UNBONDING, slashed.owner()), burned, slashed.amount().minus(first));
    state.unsettled.add(slashed.owner());
  }
}
