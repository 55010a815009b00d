package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.Account.Kind;
import io.shardex.pricing.Amount;
import io.shardex.pricing.ClassPrice;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

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
      case Event.JobSettled settled -> settle(state, settled.job());
      case Event.JobArchived archived -> archive(state, archived.job());
      case Event.DepositForgotten forgotten -> forget(state, forgotten.job());
      case Event.WorkerRegistered worker ->
          state.put(
              Worker.registered(
                  worker.worker(), worker.owner(), worker.resources(), worker.memoryMiB(), stamp));
      case Event.AskPlaced ask ->
          state.put(worker(state, ask.worker()).asking(ask.reserve(), stamp));
      case Event.AskWithdrawn gone ->
          state.put(worker(state, gone.worker()).silentUntil(gone.notBeforeMillis()));
      case Event.WorkerDraining draining -> state.put(worker(state, draining.worker()).leaving());
      case Event.SilenceReported silent -> shorten(state, silent);
      case Event.SilenceVoided voided -> lengthen(state, voided.worker());
      case Event.LeaseGranted granted -> grant(state, granted);
      case Event.LeaseStarted started -> {
        Task task = task(state, started.task());
        state.put(task.with(lease(task).asStarted()));
      }
      case Event.ResultCommitted committed -> commit(state, committed, stamp);
      case Event.LeaseFailed failed -> fail(state, failed, stamp);
      case Event.ShardVerified verified -> verify(state, verified);
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
      }
      case Event.BatchSigned signed ->
          state.batches.computeIfPresent(
              signed.batch(),
              (id, before) -> before.signed(signed.digest(), signed.endorsements()));
      case Event.BatchConfirmed confirmed -> {
        state.batches.computeIfPresent(
            confirmed.batch(), (id, before) -> before.in(BatchPhase.CONFIRMED));
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
    network.validators().forEach(key -> state.ticks.put(key, ValidatorTick.NEVER));
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
    state.facts.replaceAll((fact, open) -> open.until(open.deadlineMillis() + millis));
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
      state.put(Task.open(new TaskId(job.id(), opened.round(), shard)));
    }
  }

  private static void closeRound(MarketState state, Event.RoundClosed closed) {
    removeTasks(state, closed.job());
    state.put(job(state, closed.job()).withModel(closed.model()).withLoss(closed.lossBits()));
  }

  private static void startEnding(MarketState state, Event.JobEnding ending) {
    state.put(job(state, ending.job()).withEnding(new Job.JobEnd(ending.phase(), ending.ending())));
    for (Task task : List.copyOf(state.tasksOf(ending.job()).values())) {
      if (task.phase() == TaskPhase.OPEN) {
        state.put(task.abandoned());
      }
    }
  }

  private static void endJob(MarketState state, Event.JobEnded ended, Stamp stamp) {
    for (Task task : List.copyOf(state.tasksOf(ended.job()).values())) {
      if (task.phase() == TaskPhase.LEASED || task.phase() == TaskPhase.COMMITTED) {
        release(state, task);
      }
      if (task.phase() == TaskPhase.LEASED) {
        state.put(worker(state, lease(task).worker()).idle(stamp));
      }
    }
    removeTasks(state, ended.job());
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

  private static void removeTasks(MarketState state, JobId job) {
    List.copyOf(state.tasksOf(job).values()).forEach(state::remove);
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

  private static void retire(Ledger ledger, Account account) {
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
                false)));
    state.put(worker(state, granted.worker()).leasing(granted.task()));
    JobId id = granted.task().job();
    state.ledger.move(Account.of(Kind.FREE, id), Account.of(Kind.HELD, id), granted.hold());
    Job job = job(state, id);
    if (job.phase() == JobPhase.FUNDED) {
      state.put(job.in(JobPhase.RUNNING));
    }
  }

  private static void commit(MarketState state, Event.ResultCommitted committed, Stamp stamp) {
    Task task = task(state, committed.task());
    state.put(task.committed(new Task.Commitment(committed.result(), committed.seal())));
    state.put(worker(state, lease(task).worker()).idle(stamp));
  }

  private static void fail(MarketState state, Event.LeaseFailed failed, Stamp stamp) {
    Task task = task(state, failed.task());
    release(state, task);
    Worker worker = worker(state, failed.worker()).countFailed();
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
    JobId job = verified.task().job();
    Account free = Account.of(Kind.FREE, job);
    release(state, task);
    state.ledger.move(free, Account.paid(job, verified.owner()), verified.split().pay());
    state.ledger.move(free, Account.of(Kind.FEES, job), verified.split().fee());
    Amount gross = verified.split().pay().plus(verified.split().fee());
    state.receipts = state.receipts.with(receipt(verified), gross);
    state.put(task.verified());
    state.put(worker(state, lease(task).worker()).countVerified());
  }

  /** The hold of a task's lease is free money again. */
  private static void release(MarketState state, Task task) {
    JobId job = task.id().job();
    state.ledger.move(Account.of(Kind.HELD, job), Account.of(Kind.FREE, job), lease(task).hold());
  }

  private static byte[] receipt(Event.ShardVerified verified) {
    TaskId task = verified.task();
    return ByteBuffer.allocate(32 + 4 + 4 + 20 + 8 + 8)
        .put(task.job().value().bytes())
        .putInt(task.round())
        .putInt(task.shard())
        .put(verified.owner().bytes())
        .putLong(verified.split().pay().units())
        .putLong(verified.split().fee().units())
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

  private static Job job(MarketState state, JobId id) {
    return state.job(id).orElseThrow(() -> new IllegalStateException("no job " + id));
  }

  private static Task task(MarketState state, TaskId id) {
    return state.task(id).orElseThrow(() -> new IllegalStateException("no task " + id));
  }

  private static Task.Lease lease(Task task) {
    return task.lease()
        .orElseThrow(() -> new IllegalStateException("task " + task.id() + " has no lease"));
  }

  private static Worker worker(MarketState state, Address key) {
    return state.worker(key).orElseThrow(() -> new IllegalStateException("no worker " + key));
  }
}
