package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.HashChain;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Rules;
import io.shardex.market.Seals;
import io.shardex.market.TaskId;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Account;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Re-execution by another owner: which results, by whom, and what follows from what both sides
 * reveal.
 */
final class AuditDecisions {
  private static final PartsPerMillion ALWAYS = new PartsPerMillion(PartsPerMillion.ONE);

  private AuditDecisions() {}

  // The draw.

  /**
   * A result that waits for this beacon is audited or spared, or stands unproven if its job is sold
   * so. When a member was missing it is audited, by whom the next beacon says: who beat last could
   * choose from this one.
   */
  static void draw(Step step, TaskId id, Digest beacon, boolean whole) {
    if (!job(step.state(), id.job()).terms().execution().isProvable()) {
      step.emit(new Event.ProofWaived(id));
      JobDecisions.evidenceCame(step, id.job());
      return;
    }
    Result result = result(step, id);
    if (!whole && BeaconDecisions.canBeWhole(step)) {
      DrawCause cause = result.audit().forced().orElse(DrawCause.BEACON_BROKEN);
      step.emit(new Event.AuditDeferred(id, cause, BeaconDecisions.nextDraw(step)));
      return;
    }
    Optional<DrawCause> forced = forced(step, result, whole);
    PartsPerMillion rate =
        forced.isPresent() ? ALWAYS : rate(step.state(), step.rules().audits(), result);
    long number = HashChain.draw(beacon, "audit", subject(id), PartsPerMillion.ONE);
    if (number < rate.value()) {
      audit(step, id, forced.orElse(DrawCause.SAMPLE), rate, beacon);
    } else {
      step.emit(new Event.AuditSpared(id, rate));
      JobDecisions.evidenceCame(step, id.job());
    }
  }

  private static Optional<DrawCause> forced(Step step, Result result, boolean whole) {
    if (result.audit().forced().isPresent()) {
      return result.audit().forced();
    }
    if (result.claim().divergedAt().isPresent()) {
      return Optional.of(DrawCause.DIVERGED);
    }
    // Whose checkpoint is false is proven only by executing the result that rests on it.
    if (result.claim().restsOnAnother() && auditShare(step.state(), result).value() > 0) {
      return Optional.of(DrawCause.RESUMED);
    }
    long verified = step.state().standing(result.claim().owner()).verified();
    if (verified < step.rules().audits().probation()) {
      return Optional.of(DrawCause.PROBATION);
    }
    if (!whole) {
      return Optional.of(DrawCause.BEACON_BROKEN);
    }
    return isTooMuchAtRisk(step, result) ? Optional.of(DrawCause.VALUE_AT_RISK) : Optional.empty();
  }

  /** Probation over one more than the owner's verified shards, at least the job's share. */
  private static PartsPerMillion rate(MarketState state, Rules.Audits rules, Result result) {
    long verified = state.standing(result.claim().owner()).verified();
    long fading = PartsPerMillion.ONE * (long) rules.probation() / (verified + 1);
    int floor = auditShare(state, result).value();
    return new PartsPerMillion((int) Math.max(floor, Math.min(PartsPerMillion.ONE, fading)));
  }

  private static PartsPerMillion auditShare(MarketState state, Result result) {
    return job(state, result.id().job()).terms().audit();
  }

  /**
   * Whether lying in all of an owner's unaudited results, this one included, could pay: one that is
   * drawn costs a worker's stake for each lie, as far as there is any. So what they are worth must
   * stay below the audit share of the least of (stakes of as many workers, bonded). A job without
   * audits, where the network's rules allow it, trusts its workers.
   */
  private static boolean isTooMuchAtRisk(Step step, Result result) {
    MarketState state = step.state();
    if (auditShare(state, result).value() == 0) {
      return false;
    }
    Address owner = result.claim().owner();
    long results = state.unauditedResults(owner) + 1L;
    Amount bonded = state.bonded(owner);
    long each = step.rules().money().workerStake().units();
    long stake = Math.multiplyHigh(each, results) == 0 ? each * results : Long.MAX_VALUE;
    Amount loss = stake < 0 ? bonded : bonded.min(Amount.of(stake));
    Amount most = Amount.of(auditShare(state, result).floorOf(loss.units()));
    return most.isLessThan(state.unauditedValue(owner).plus(result.claim().gross()));
  }

  /** One more result of each owner of the job, so that the last rounds are not free of risk. */
  static void lastDraw(Step step, JobId job, Digest beacon, boolean whole) {
    if (!whole && BeaconDecisions.canBeWhole(step)) {
      step.emit(new Event.LastDrawAwaited(job, BeaconDecisions.nextDraw(step)));
      return;
    }
    TreeMap<Address, List<Result>> spared = new TreeMap<>();
    for (Result result : step.state().resultsOf(job).values()) {
      boolean isInTheModel = step.state().isLatestOfItsShard(result.id());
      if (result.phase() == ResultPhase.SPARED && isInTheModel) {
        spared.merge(
            result.claim().owner(),
            List.of(result),
            (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
      }
    }
    step.emit(new Event.LastDrawMade(job));
    spared.forEach(
        (owner, results) -> {
          int chosen = (int) HashChain.draw(beacon, "last", owner.bytes(), results.size());
          audit(step, results.get(chosen).id(), DrawCause.LAST, ALWAYS, beacon);
        });
    JobDecisions.evidenceCame(step, job);
  }

  // The auditor.

  private static void audit(
      Step step, TaskId id, DrawCause cause, PartsPerMillion rate, Digest beacon) {
    FactDecisions.dropAccusation(step, id);
    Result result = result(step, id);
    Job job = job(step.state(), id.job());
    UnitPrice price = auditPrice(step, job);
    Optional<Amount> hold = hold(step, result, job);
    boolean mayBeDrawn = result.audit().draws() < step.rules().audits().draws();
    // An auditor that can read in the log what the worker found might copy it.
    boolean isShown = result.audit().worker().isPresent();
    Optional<Address> auditor =
        hold.isPresent() && mayBeDrawn && !isShown
            ? auditor(step, result, job, price, beacon)
            : Optional.empty();
    Amount taken = auditor.flatMap(drawn -> hold).orElse(Amount.ZERO);
    step.emit(new Event.AuditDrawn(id, cause, rate, auditor, price, taken));
    if (auditor.isEmpty()) {
      DisputeDecisions.open(step, id, DisputeCause.NO_AUDITOR);
    }
  }

  private static UnitPrice auditPrice(Step step, Job job) {
    UnitPrice limit = job.terms().limit();
    return step.state()
        .price(job.terms().resources())
        .filter(price -> price.compareTo(limit) < 0)
        .orElse(limit);
  }

  /**
   * What must be taken from the job's free money: nothing while the lease's own hold covers the
   * audit; empty if there is not enough.
   */
  private static Optional<Amount> hold(Step step, Result result, Job job) {
    boolean ofOpenRound =
        step.state()
            .task(result.id().training())
            .filter(task -> task.fence() == result.id().audited())
            .filter(task -> task.phase() == TaskPhase.COMMITTED)
            .map(LeaseDecisions::lease)
            // An earlier audit of the same result may have taken its half.
            .filter(lease -> !lease.hold().isLessThan(job.terms().hold()))
            .isPresent();
    if (!result.audit().hold().isZero() || ofOpenRound) {
      return Optional.of(Amount.ZERO);
    }
    Amount needed = job.terms().auditHold();
    Amount free = step.state().ledger().balance(Account.of(Account.Kind.FREE, job.id()));
    return job.phase().ended() || free.isLessThan(needed) ? Optional.empty() : Optional.of(needed);
  }

  /** A worker of another owner: the owner by stake, then the least busy of its workers. */
  private static Optional<Address> auditor(
      Step step, Result result, Job job, UnitPrice price, Digest beacon) {
    NavigableMap<Address, List<Address>> eligible = eligible(step, result, job, price);
    long total = eligible.keySet().stream().mapToLong(owner -> weight(step, owner)).sum();
    if (total <= 0) {
      return Optional.empty();
    }
    long point = HashChain.draw(beacon, "auditor", subject(result.id()), total);
    for (Map.Entry<Address, List<Address>> entry : eligible.entrySet()) {
      point -= weight(step, entry.getKey());
      if (point < 0) {
        return entry.getValue().stream()
            .min(
                Comparator.comparingInt((Address key) -> burden(step, key))
                    .thenComparing(key -> Digest.sha256(beacon.bytes(), key.bytes())));
      }
    }
    throw new IllegalStateException("a number below the total stake has no owner");
  }

  private static NavigableMap<Address, List<Address>> eligible(
      Step step, Result result, Job job, UnitPrice price) {
    TreeMap<Address, List<Address>> eligible = new TreeMap<>();
    step.state()
        .auditors(job.terms().resources())
        .forEach(
            (owner, keys) -> {
              List<Address> fit =
                  keys.stream().filter(key -> mayAudit(step, key, job, price)).toList();
              boolean other = !result.claim().isOf(owner);
              if (other && !result.audit().missed().contains(owner) && !fit.isEmpty()) {
                eligible.put(owner, fit);
              }
            });
    return eligible;
  }

  private static boolean mayAudit(Step step, Address key, Job job, UnitPrice price) {
    Worker worker = WorkerDecisions.worker(step, key);
    UnitPrice net = price.less(step.rules().money().fee());
    return worker.memoryMiB() >= job.terms().memoryMiB()
        && worker.duties().size() < step.rules().audits().duties()
        && worker.ask().filter(reserve -> reserve.compareTo(net) <= 0).isPresent();
  }

  private static long weight(Step step, Address owner) {
    return step.state().bonded(owner).units();
  }

  private static int burden(Step step, Address key) {
    Worker worker = WorkerDecisions.worker(step, key);
    return worker.duties().size() + (worker.lease().isPresent() ? 1 : 0);
  }

  /** A worker that leaves, or cannot be relied on, hands back the audits it has not begun. */
  static void handBack(Step step, Worker worker) {
    for (TaskId duty : worker.duties()) {
      step.emit(new Event.AuditReturned(duty, worker.key()));
      BeaconDecisions.nextDraw(step);
    }
  }

  // The audit itself.

  /** Gives a worker that is free the audit it was drawn for first. */
  static void lease(Step step, Worker worker) {
    TaskId id = worker.duties().getFirst();
    Job job = job(step.state(), id.job());
    Task task =
        step.state()
            .task(id)
            .orElseThrow(() -> new IllegalStateException("no task for audit " + id));
    step.emit(
        new Event.LeaseGranted(
            id,
            task.fence() + 1,
            worker.key(),
            worker.owner(),
            result(step, id).audit().price(),
            Amount.ZERO,
            step.now() + Matching.workMillis(step, job)));
  }

  static void commit(Step step, Command.CommitAudit commit, Address signer) {
    Task task = LeaseDecisions.leased(step, commit.task(), commit.fence(), signer);
    LeaseDecisions.requireKind(task, true);
    LeaseDecisions.requireInputs(step, task, commit.inputs());
    step.emit(
        new Event.AuditSealed(
            task.id(), task.fence(), commit.seal(), step.now() + step.rules().audits().reveal()));
  }

  static void reveal(Step step, Command.Reveal reveal, Address signer) {
    TaskId id = reveal.task().isAudit() ? reveal.task() : reveal.task().audit(reveal.fence());
    Result result =
        step.state()
            .result(id)
            .filter(found -> found.phase() == ResultPhase.SEALED)
            .orElseThrow(() -> nothingToReveal(reveal));
    Digest seal =
        reveal.task().isAudit() ? audited(step, reveal, signer) : own(result, reveal, signer);
    Network network = step.state().network();
    Refusal.unless(
        seal.equals(
            Seals.seal(
                network.chainId(),
                network.settlement(),
                reveal.task(),
                reveal.fence(),
                signer,
                reveal.root(),
                reveal.shown(),
                reveal.salt())),
        Reason.SEAL_BROKEN,
        "what is revealed for " + reveal.task() + " does not make its seal");
    step.emit(new Event.Revealed(reveal.task(), reveal.fence(), reveal.root(), reveal.shown()));
    compare(step, id);
  }

  /** The seal of the worker's result, which is the very one it showed. */
  private static Digest own(Result result, Command.Reveal reveal, Address signer) {
    boolean waits = result.claim().worker().equals(signer) && result.audit().worker().isEmpty();
    if (!waits) {
      throw nothingToReveal(reveal);
    }
    Refusal.unless(
        result.claim().shown().equals(reveal.shown()),
        Reason.SEAL_BROKEN,
        "task " + reveal.task() + " was committed with " + result.claim().shown());
    return result.claim().seal();
  }

  private static Digest audited(Step step, Command.Reveal reveal, Address signer) {
    Result result = result(step, reveal.task());
    return step.state()
        .task(reveal.task())
        .filter(task -> task.fence() == reveal.fence() && result.audit().other().isEmpty())
        .filter(task -> LeaseDecisions.lease(task).worker().equals(signer))
        .flatMap(Task::commitment)
        .map(Task.Commitment::seal)
        .orElseThrow(() -> nothingToReveal(reveal));
  }

  private static Refusal nothingToReveal(Command.Reveal reveal) {
    return new Refusal(
        Reason.NOTHING_TO_REVEAL,
        "no seal of this key for " + reveal.task() + " with fence " + reveal.fence() + " is asked");
  }

  private static void compare(Step step, TaskId id) {
    Result result = result(step, id);
    Optional<Result.Opening> worker = result.audit().worker();
    Optional<Result.Opening> other = result.audit().other();
    if (worker.isEmpty() || other.isEmpty()) {
      return;
    }
    if (worker.equals(other)) {
      pay(step, id);
      prove(step, id);
    } else {
      DisputeDecisions.open(step, id, DisputeCause.UNEQUAL);
    }
  }

  /** Another execution gave the same: the result stands. */
  static void prove(Step step, TaskId id) {
    Optional<Integer> divergedAt = result(step, id).claim().divergedAt();
    step.emit(new Event.ResultProved(id));
    divergedAt.ifPresent(at -> JobDecisions.diverged(step, id, at));
    JobDecisions.evidenceCame(step, id.job());
  }

  /** The auditor's pay, out of what is held for it. */
  static void pay(Step step, TaskId id) {
    Result result = result(step, id);
    Result.Party auditor =
        result
            .audit()
            .auditor()
            .orElseThrow(() -> new IllegalStateException("audit " + id + " has no auditor"));
    int steps =
        result.claim().divergedAt().orElse(job(step.state(), id.job()).terms().shardSteps());
    Amount gross =
        job(step.state(), id.job())
            .terms()
            .worth(result.audit().price(), steps)
            .min(result.audit().hold());
    Amount before = Spent.gross(step.state().ledger(), id.job());
    step.emit(
        new Event.AuditPaid(
            id, auditor.owner(), FeeSplit.of(before, gross, step.rules().money().fee())));
  }

  // Silence.

  /** Audits whose time to reveal is over. */
  static void closeReveals(Step step) {
    Optional<TaskId> next = step.state().nextUnrevealed(step.now());
    while (next.isPresent()) {
      Result result = result(step, next.get());
      if (result.audit().other().isEmpty()) {
        missed(step, next.get());
      } else {
        DisputeDecisions.open(step, next.get(), DisputeCause.WORKER_SILENT);
      }
      next = step.state().nextUnrevealed(step.now());
    }
  }

  /** The auditor was silent: another is drawn, and after some of them the validators execute. */
  static void missed(Step step, TaskId id) {
    Result result = result(step, id);
    Result.Party auditor =
        result
            .audit()
            .auditor()
            .orElseThrow(() -> new IllegalStateException("audit " + id + " has no auditor"));
    step.emit(new Event.AuditMissed(id, auditor.worker(), auditor.owner()));
    step.emit(
        new Event.AskWithdrawn(auditor.worker(), step.now() + step.rules().pace().cooldown()));
    handBack(step, WorkerDecisions.worker(step, auditor.worker()));
    BeaconDecisions.nextDraw(step);
  }

  /** The result is void: so is its audit. */
  static void voidAudit(Step step, TaskId id) {
    if (step.state().result(id).filter(found -> found.phase().isOpen()).isPresent()) {
      step.emit(new Event.AuditVoided(id));
    }
  }

  static Result result(Step step, TaskId id) {
    return step.state()
        .result(id)
        .orElseThrow(() -> new IllegalStateException("no result for audit " + id));
  }

  private static Job job(MarketState state, JobId id) {
    return state.job(id).orElseThrow(() -> new IllegalStateException("no job " + id));
  }

  private static byte[] subject(TaskId id) {
    return ValueCodecs.TASK_ID.encode(id);
  }
}
