package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.Divergence;
import io.shardex.market.Event;
import io.shardex.market.HashChain;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account.Kind;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Applies events to the state: the only code that changes it. */
public final class Evolution {
  /** Confirmed batches that stay visible. */
  private static final int KEPT_BATCHES = 64;

  private Evolution() {}

  /** Applies one event that the command at {@code stamp} caused. */
  public static void evolve(MarketState state, Event event, Stamp stamp) {
    switch (event) {
      case Event.NetworkBorn born -> begin(state, born.network());
      case Event.NonceUsed used ->
          state.nonces.put(used.signer(), state.nonces(used.signer()).with(used.nonce()));
      case Event.BeatReceived beat -> state.ticks.put(beat.validator(), tick(beat));
      case Event.SlotOpened slot ->
          state.clock =
              new Clock(
                  slot.slot(),
                  slot.clockMillis(),
                  state.clock.epoch(),
                  state.clock.epochEndsMillis());
      case Event.GapExcused gap -> excuse(state, gap.millis());
      case Event.EpochOpened epoch ->
          state.clock =
              new Clock(
                  state.clock.slot(), state.clock.millis(), epoch.epoch(), epoch.endsAtMillis());
      case Event.PriceSet set -> state.put(set.resources(), set.price());
      case Event.PreimageRevealed revealed -> reveal(state, revealed);
      case Event.ChainAnnounced chain ->
          state.seats.computeIfPresent(
              chain.validator(),
              (key, seat) ->
                  seat.announcing(new Seat.Announced(chain.number(), chain.tip(), chain.epoch())));
      case Event.ChainBegun chain ->
          state.seats.put(chain.validator(), Seat.begun(chain.number(), chain.tip(), chain.slot()));
      case Event.BeaconJoined joined ->
          state.seats.computeIfPresent(joined.validator(), (key, seat) -> seat.as(true));
      case Event.BeaconLeft left ->
          state.seats.computeIfPresent(left.validator(), (key, seat) -> seat.as(false));
      case Event.DrawAwaited awaited -> state.draws.put(awaited.slot(), Draw.of(awaited.members()));
      case Event.BeaconTurned turned -> state.draws.remove(turned.slot());
      case Event.ChainAdvanced advanced ->
          state.chain = new ChainView(advanced.block(), advanced.blockMillis());
      case Event.ChainSaw saw -> see(state, saw.what());
      case Event.JobSubmitted submitted -> submit(state, submitted, stamp);
      case Event.JobFunded funded ->
          state.put(job(state, funded.job()).withModel(funded.model()).in(JobPhase.FUNDED));
      case Event.RoundOpened opened -> openRound(state, opened);
      case Event.RoundClosed closed -> closeRound(state, closed);
      case Event.JobPaused paused -> state.put(job(state, paused.job()).in(JobPhase.PAUSED));
      case Event.JobResumed resumed -> state.put(job(state, resumed.job()).in(JobPhase.RUNNING));
      case Event.JobEnding ending -> startEnding(state, ending);
      case Event.JobEnded ended -> endJob(state, ended, stamp);
      case Event.LastDrawAwaited awaited -> {
        Job job = job(state, awaited.job());
        state.put(job.with(job.doubt().in(Job.LastDraw.AWAITED)));
        state.draws.computeIfPresent(awaited.slot(), (slot, draw) -> draw.with(job.id()));
      }
      case Event.LastDrawMade made -> {
        Job job = job(state, made.job());
        state.put(job.with(job.doubt().in(Job.LastDraw.MADE)));
      }
      case Event.RoundTainted tainted -> {
        Job job = job(state, tainted.job());
        state.put(
            job.with(
                job.doubt().taintedBy(tainted.liar(), tainted.round(), job.terms().rollsBack())));
      }
      case Event.JobRolledBack back -> state.put(job(state, back.job()).rolledBackTo(back.round()));
      case Event.JobSettled settled -> settle(state, settled.job());
      case Event.JobArchived archived -> archive(state, archived.job());
      case Event.DepositForgotten forgotten -> forget(state, forgotten.job());
      case Event.WorkerRegistered worker ->
          state.put(
              Worker.registered(
                  worker.worker(), worker.owner(), worker.resources(), worker.memoryMiB(), stamp));
      case Event.AskPlaced ask ->
          state.put(worker(state, ask.worker()).asking(ask.reserve(), ask.runtimes(), stamp));
      case Event.AskWithdrawn gone ->
          state.put(worker(state, gone.worker()).silentUntil(gone.notBeforeMillis()));
      case Event.WorkerDraining draining -> state.put(worker(state, draining.worker()).leaving());
      case Event.SilenceReported silent -> shorten(state, silent);
      case Event.SilenceVoided voided -> lengthen(state, voided.worker());
      case Event.LeaseGranted granted -> grant(state, granted);
      case Event.LeaseStarted started -> {
        Task task = task(state, started.task());
        state.put(task.with(lease(task).startedAt(state.clock.millis())));
      }
      case Event.CheckpointSaved saved -> save(state, saved);
      case Event.InstalmentPaid paid -> payInstalment(state, paid);
      case Event.ResultCommitted committed ->
          commit(
              state,
              committed.task(),
              new Task.Commitment(committed.result(), committed.seal(), Optional.empty()),
              committed.resumed(),
              stamp);
      case Event.DivergenceCommitted diverged ->
          commit(
              state,
              diverged.task(),
              new Task.Commitment(
                  Divergence.shown(diverged.step()), diverged.seal(), Optional.of(diverged.step())),
              diverged.resumed(),
              stamp);
      case Event.LeaseFailed failed -> fail(state, failed, stamp);
      case Event.ShardVerified verified -> verify(state, verified);
      case Event.ShardReplaced replaced -> {
        Task task = task(state, replaced.task());
        release(state, task);
        state.put(task.verified());
      }
      case Event.OfAudit ofAudit -> AuditEvolution.evolve(state, ofAudit, stamp);
      case Event.OfProof ofProof -> ProofEvolution.evolve(state, ofProof);
      case Event.FactOpened opened ->
          state.facts.put(opened.fact(), new OpenFact(0, opened.deadlineMillis(), List.of()));
      case Event.Attested attested ->
          state.facts.computeIfPresent(
              attested.fact(),
              (fact, open) ->
                  open.with(
                      new OpenFact.Vote(
                          attested.validator(), attested.value(), attested.endorsement())));
      case Event.ViewRaised raised ->
          state.facts.put(
              raised.fact(), new OpenFact(raised.view(), raised.deadlineMillis(), List.of()));
      case Event.FactSettled settled -> state.facts.remove(settled.fact());
      case Event.FactDropped dropped -> state.facts.remove(dropped.fact());
      case Event.BatchSealed made -> {
        state.batches.put(
            made.batch().id(),
            new SealedBatch(made.batch(), BatchPhase.SEALED, Digest.ZERO, List.of()));
        state.nextBatch = made.batch().id() + 1;
        made.batch().closes().forEach(line -> forgetResults(state, line.job()));
      }
      case Event.BatchSigned signed ->
          state.batches.computeIfPresent(
              signed.batch(),
              (id, before) -> before.signed(signed.digest(), signed.endorsements()));
      case Event.BatchConfirmed confirmed -> {
        state.batches.computeIfPresent(
            confirmed.batch(), (id, before) -> before.in(BatchPhase.CONFIRMED));
        Optional.ofNullable(state.batches.get(confirmed.batch()))
            .ifPresent(batch -> settleStakes(state, batch.batch()));
        state.batches.headMap(confirmed.batch() - KEPT_BATCHES).clear();
      }
      case Event.BatchSuperseded superseded ->
          state.batches.computeIfPresent(
              superseded.batch(), (id, before) -> before.in(BatchPhase.SUPERSEDED));
    }
  }

  /** Binds a command and its outcome, events or rejection, into the running hash. */
  public static void seal(MarketState state, Stamp stamp, byte[] command, byte[] outcome) {
    byte[] place =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
            .putLong(stamp.index())
            .putInt(stamp.offset())
            .array();
    state.hash = Digest.sha256(state.hash.bytes(), place, command, outcome);
    state.index = stamp.index();
  }

  private static void begin(MarketState state, Network network) {
    state.network = Optional.of(network);
    state.chain = new ChainView(network.startBlock() - 1, 0);
    for (int i = 0; i < network.validators().size(); i++) {
      Address key = network.validators().get(i);
      state.ticks.put(key, ValidatorTick.NEVER);
      state.seats.put(
          key,
          network.beacons().isEmpty() ? Seat.EMPTY : Seat.begun(0, network.beacons().get(i), 0));
    }
    network
        .classes()
        .forEach(terms -> state.put(terms.resources(), ClassPrice.starting(terms.firstPrice())));
  }

  private static ValidatorTick tick(Event.BeatReceived beat) {
    return new ValidatorTick(
        beat.slot(), beat.clockMillis(), beat.finalBlock(), beat.index(), beat.hash());
  }

  private static void excuse(MarketState state, long millis) {
    for (Task task : List.copyOf(state.tasks.values())) {
      if (task.phase() == TaskPhase.LEASED) {
        state.put(task.with(lease(task).excused(millis)));
      }
    }
    for (TaskId audit : state.revealing()) {
      Result result = result(state, audit);
      state.put(result.with(result.audit().sealed(result.audit().revealByMillis() + millis)));
    }
    state.challenges.replaceAll((worker, live) -> live.excused(millis));
    state.facts.replaceAll((fact, open) -> open.until(open.deadlineMillis() + millis));
  }

  /** A place shows every earlier one; those that draws wait for are noted. */
  private static void reveal(MarketState state, Event.PreimageRevealed revealed) {
    Seat seat = seat(state, revealed.validator());
    state.draws.replaceAll(
        (slot, draw) ->
            draw.missing().contains(revealed.validator())
                    && slot > seat.slot()
                    && slot <= revealed.slot()
                ? draw.with(
                    revealed.validator(),
                    HashChain.before(revealed.preimage(), revealed.slot() - slot))
                : draw);
    state.seats.put(revealed.validator(), seat.revealed(revealed.slot(), revealed.preimage()));
  }

  private static Seat seat(MarketState state, Address validator) {
    return state.seats.getOrDefault(validator, Seat.EMPTY);
  }

  // The chain.

  private static void see(MarketState state, ChainEvent what) {
    Ledger ledger = state.ledger;
    switch (what) {
      case ChainEvent.Deposited deposit -> {
        state.put(
            deposit.job(),
            new Deposit(deposit.builder(), deposit.nonce(), deposit.spec(), deposit.refundAt()));
        ledger.receive(Kind.DEPOSITS, Account.of(Kind.FREE, deposit.job()), deposit.amount());
      }
      case ChainEvent.Reclaimed reclaimed ->
          ledger.moveAtMost(
              Account.of(Kind.FREE, reclaimed.job()),
              Account.of(Kind.REFUNDED, reclaimed.job()),
              reclaimed.amount());
      case ChainEvent.Staked staked ->
          ledger.receive(Kind.STAKE_IN, Account.of(Kind.BONDED, staked.owner()), staked.amount());
      case ChainEvent.UnstakeRequested asked ->
          ledger.moveAtMost(
              Account.of(Kind.BONDED, asked.owner()),
              Account.of(Kind.UNBONDING, asked.owner()),
              asked.amount());
      case ChainEvent.Unstaked taken ->
          ledger.moveAtMost(
              Account.of(Kind.UNBONDING, taken.owner()),
              Account.retired(Kind.WITHDRAWN),
              taken.amount());
      case ChainEvent.Settled settled -> {}
      case ChainEvent.Shortfall shortfall -> {}
    }
  }

  // Jobs.

  private static void submit(MarketState state, Event.JobSubmitted submitted, Stamp stamp) {
    Deposit deposit = state.deposits.get(submitted.job());
    if (deposit == null) {
      throw new IllegalStateException("job " + submitted.job() + " has no deposit");
    }
    state.put(Job.submitted(submitted.job(), deposit, submitted.terms(), stamp));
  }

  private static void openRound(MarketState state, Event.RoundOpened opened) {
    Job job = job(state, opened.job()).withRound(opened.round());
    state.put(job);
    for (int shard = 0; shard < job.terms().shards(); shard++) {
      TaskId id = new TaskId(job.id(), opened.round(), shard);
      state.put(Task.open(id, lastFence(state, id)));
    }
  }

  /**
   * The fence of the latest result of a shard that was trained before its round was rolled back.
   */
  private static long lastFence(MarketState state, TaskId shard) {
    return Optional.ofNullable(state.results.lowerKey(shard.audit(Long.MAX_VALUE)))
        .filter(last -> last.training().equals(shard))
        .map(TaskId::audited)
        .orElse(0L);
  }

  private static void closeRound(MarketState state, Event.RoundClosed closed) {
    state.shardsOf(closed.job()).forEach(state::remove);
    state.put(job(state, closed.job()).withModel(closed.model()).withLoss(closed.lossBits()));
  }

  private static void startEnding(MarketState state, Event.JobEnding ending) {
    state.put(job(state, ending.job()).withEnding(new Job.JobEnd(ending.phase(), ending.ending())));
    for (Task task : state.shardsOf(ending.job())) {
      if (task.phase() == TaskPhase.OPEN) {
        state.put(task.abandoned());
      }
    }
  }

  private static void endJob(MarketState state, Event.JobEnded ended, Stamp stamp) {
    for (Result result : List.copyOf(state.resultsOf(ended.job()).values())) {
      if (result.phase().isOpen()) {
        AuditEvolution.endAudit(state, result, stamp);
        state.remove(result(state, result.id()));
      }
    }
    for (Task task : state.shardsOf(ended.job())) {
      if (task.lease().isPresent() && task.phase() != TaskPhase.VERIFIED) {
        release(state, task);
      }
      if (task.phase() == TaskPhase.LEASED) {
        state.put(worker(state, lease(task).worker()).idle(stamp));
      }
    }
    List.copyOf(state.tasksOf(ended.job()).values()).forEach(state::remove);
    state.put(
        job(state, ended.job())
            .withEnding(new Job.JobEnd(ended.phase(), ended.ending()))
            .in(ended.phase())
            .endedAt(state.clock.millis()));
    state.ledger.move(
        Account.of(Kind.FREE, ended.job()), Account.of(Kind.REFUNDED, ended.job()), ended.refund());
  }

  /** What came in after the job's end goes back too. */
  private static void settle(MarketState state, JobId job) {
    Account free = Account.of(Kind.FREE, job);
    state.ledger.move(free, Account.of(Kind.REFUNDED, job), state.ledger.balance(free));
    state.put(job(state, job).asSettled());
  }

  private static void archive(MarketState state, JobId job) {
    state.jobs.remove(job);
    state.removeDeposit(job);
    for (Address payee : state.ledger.paidBy(job).keySet()) {
      retire(state.ledger, Account.paid(job, payee));
    }
    retire(state.ledger, Account.of(Kind.FEES, job));
    retire(state.ledger, Account.of(Kind.REFUNDED, job));
  }

  private static void forget(MarketState state, JobId job) {
    state.removeDeposit(job);
    Account free = Account.of(Kind.FREE, job);
    state.ledger.move(free, Account.retired(Kind.REFUNDED), state.ledger.balance(free));
    retire(state.ledger, Account.of(Kind.REFUNDED, job));
  }

  static void retire(Ledger ledger, Account account) {
    ledger.move(account, Account.retired(account.kind()), ledger.balance(account));
  }

  // Leases and shards.

  private static void grant(MarketState state, Event.LeaseGranted granted) {
    Task task = task(state, granted.task());
    state.put(
        task.leased(
            granted.fence(),
            new Task.Lease(
                granted.worker(),
                granted.owner(),
                granted.price(),
                granted.hold(),
                granted.deadlineMillis(),
                granted.deadlineMillis(),
                Optional.empty())));
    state.put(worker(state, granted.worker()).leasing(granted.task()));
    JobId id = granted.task().job();
    state.ledger.move(Account.of(Kind.FREE, id), Account.of(Kind.HELD, id), granted.hold());
    Job job = job(state, id);
    if (job.phase() == JobPhase.FUNDED) {
      state.put(job.in(JobPhase.RUNNING));
    }
  }

  private static void save(MarketState state, Event.CheckpointSaved saved) {
    Task task = task(state, saved.task());
    Task.Lease lease = lease(task);
    state.put(
        task.saved(
            new Checkpoint(
                saved.fence(),
                lease.worker(),
                lease.owner(),
                saved.step(),
                saved.blob(),
                state.clock.millis()),
            saved.resumed() || isTimed(state, task)));
  }

  private static boolean isTimed(MarketState state, Task task) {
    return job(state, task.id().job()).terms().execution().isTimed();
  }

  private static void payInstalment(MarketState state, Event.InstalmentPaid paid) {
    Task task = task(state, paid.task());
    Task.Lease lease = lease(task);
    Amount gross = paid.split().gross();
    JobId job = task.id().job();
    state.ledger.move(Account.of(Kind.HELD, job), Account.of(Kind.FREE, job), gross);
    state.put(task.with(lease.holding(lease.hold().minus(gross))));
    payOut(state, paid.task(), paid.owner(), paid.split());
  }

  private static void commit(
      MarketState state, TaskId id, Task.Commitment made, boolean resumed, Stamp stamp) {
    Task task = task(state, id);
    Task.Lease lease = lease(task);
    Job job = job(state, id.job());
    state.put(task.committed(made));
    state.put(worker(state, lease.worker()).idle(stamp));
    Result.Claim claim =
        new Result.Claim(
            lease.worker(),
            lease.owner(),
            made.result(),
            made.divergedAt(),
            made.seal(),
            job.baseModel(),
            lease.price(),
            worth(state, job.terms(), task, made.divergedAt()),
            resumed ? task.earlierCheckpoints() : List.of());
    state.put(
        new Result(
            id.audit(task.fence()),
            claim,
            ResultPhase.WAITING,
            Result.Audit.at(state.clock.slot() + 1),
            Optional.empty()));
  }

  private static Amount worth(
      MarketState state, JobTerms terms, Task task, Optional<Integer> divergedAt) {
    UnitPrice price = lease(task).price();
    return switch (terms.execution().billing()) {
      case WORK -> terms.worth(price, divergedAt.orElse(terms.shardSteps()));
      case TIME -> {
        WorkUnits rate = state.workPerHour(terms);
        WorkUnits all = terms.workIn(used(state, task), rate);
        yield price.floorCost(all.minus(terms.instalments(task.savedSteps(), rate)));
      }
    };
  }

  /**
   * Milliseconds of a shard: those that were paid to earlier leases, and since this one started.
   */
  private static long used(MarketState state, Task task) {
    long now = state.clock.millis();
    return 1_000L * task.offeredSteps() + now - lease(task).startedAtMillis().orElse(now);
  }

  private static void fail(MarketState state, Event.LeaseFailed failed, Stamp stamp) {
    Task task = task(state, failed.task());
    release(state, task);
    state.resultOf(task).ifPresent(state::remove);
    if (task.phase() == TaskPhase.COMMITTED) {
      Job job = job(state, task.id().job());
      state.put(job.with(job.doubt().in(Job.LastDraw.NOT_YET)));
    }
    boolean leftSomething =
        failed.why() == Event.Failure.LEAVING && task.ownCheckpoint().isPresent();
    Worker before = worker(state, failed.worker());
    Worker worker = leftSomething ? before : before.countFailed();
    state.put(worker.lease().equals(Optional.of(task.id())) ? worker.idle(stamp) : worker);
    Task reopened = task.reopened();
    boolean hopeless =
        job(state, task.id().job()).ending().isPresent()
            || task.fence() >= state.rules().bounds().leasesPerTask();
    state.put(reopened);
    if (hopeless) {
      state.put(reopened.abandoned());
    }
  }

  private static void verify(MarketState state, Event.ShardVerified verified) {
    Task task = task(state, verified.task());
    release(state, task);
    payOut(state, verified.task(), verified.owner(), verified.split());
    state.put(task.verified());
    state.put(worker(state, lease(task).worker()).countVerified());
    state.resultOf(task).ifPresent(result -> state.put(result.paid(Optional.of(verified.split()))));
    if (job(state, verified.task().job()).terms().execution().isProvable()) {
      standing(state, verified.owner(), Standing::countVerified);
    }
  }

  /** Out of free money, with a receipt. */
  static void payOut(MarketState state, TaskId task, Address owner, FeeSplit split) {
    Account free = Account.of(Kind.FREE, task.job());
    state.ledger.move(free, Account.paid(task.job(), owner), split.pay());
    state.ledger.move(free, Account.of(Kind.FEES, task.job()), split.fee());
    state.receipts = state.receipts.with(receipt(task, owner, split), split.gross());
  }

  private static void forgetResults(MarketState state, JobId job) {
    List.copyOf(state.resultsOf(job).values()).forEach(state::remove);
  }

  /** The chain has these totals now; what has grown since waits for the next batch. */
  private static void settleStakes(MarketState state, Batch batch) {
    for (Batch.SlashLine line : batch.slashes()) {
      Map<Address, Amount> given = new TreeMap<>();
      batch.compensations().stream()
          .filter(one -> one.owner().equals(line.owner()))
          .forEach(one -> given.put(one.beneficiary(), one.total()));
      if (state.ledger.slashedFrom(line.owner()).equals(line.total())
          && state.ledger.compensatedFrom(line.owner()).equals(given)) {
        state.unsettled.remove(line.owner());
      }
    }
  }

  static void standing(MarketState state, Address owner, UnaryOperator<Standing> change) {
    state.standings.put(owner, change.apply(state.standing(owner)));
  }

  /** The hold of a task's lease is free money again. */
  private static void release(MarketState state, Task task) {
    JobId job = task.id().job();
    state.ledger.move(Account.of(Kind.HELD, job), Account.of(Kind.FREE, job), lease(task).hold());
  }

  private static byte[] receipt(TaskId task, Address owner, FeeSplit split) {
    return ByteBuffer.allocate(32 + 4 + 4 + 8 + 20 + 8 + 8)
        .put(task.job().value().bytes())
        .putInt(task.round())
        .putInt(task.shard())
        .putLong(task.audited())
        .put(owner.bytes())
        .putLong(split.pay().units())
        .putLong(split.fee().units())
        .array();
  }

  private static void shorten(MarketState state, Event.SilenceReported silent) {
    worker(state, silent.worker())
        .lease()
        .map(id -> task(state, id))
        .ifPresent(task -> state.put(task.with(lease(task).until(silent.deadlineMillis()))));
  }

  private static void lengthen(MarketState state, Address key) {
    worker(state, key)
        .lease()
        .map(id -> task(state, id))
        .ifPresent(
            task -> state.put(task.with(lease(task).until(lease(task).fullDeadlineMillis()))));
  }

  static Job job(MarketState state, JobId id) {
    return state.job(id).orElseThrow(() -> new IllegalStateException("no job " + id));
  }

  static Task task(MarketState state, TaskId id) {
    return state.task(id).orElseThrow(() -> new IllegalStateException("no task " + id));
  }

  static Task.Lease lease(Task task) {
    return task.lease()
        .orElseThrow(() -> new IllegalStateException("task " + task.id() + " has no lease"));
  }

  static Result result(MarketState state, TaskId audit) {
    return state
        .result(audit)
        .orElseThrow(() -> new IllegalStateException("no result for audit " + audit));
  }

  static Worker worker(MarketState state, Address key) {
    return state.worker(key).orElseThrow(() -> new IllegalStateException("no worker " + key));
  }
}
