package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Event;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Task;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;

/** Providers: registration, asks, silence. */
final class WorkerDecisions {
  private WorkerDecisions() {}

  static void register(Step step, Command.RegisterWorker register, Address signer, Author author) {
    MarketState state = step.state();
    Refusal.unless(
        author.endorser().equals(Optional.of(register.owner())),
        Reason.NOT_SIGNED_BY,
        "the worker key " + signer + " needs the endorsement of its owner " + register.owner());
    Refusal.unless(
        state.price(register.resources()).isPresent(),
        Reason.UNKNOWN_CLASS,
        "the network has no class '" + register.resources() + "'");
    Refusal.unless(
        register.memoryMiB() >= 0, Reason.MALFORMED, "memory cannot be " + register.memoryMiB());
    Optional<Worker> known = state.worker(signer);
    Refusal.unless(
        known.filter(worker -> !worker.owner().equals(register.owner())).isEmpty(),
        Reason.WORKER_OF_ANOTHER,
        "worker " + signer + " is registered under another owner");
    if (known.isPresent()) {
      return;
    }
    checkStake(step, register.owner(), state.workersOf(register.owner()) + 1);
    step.emit(
        new Event.WorkerRegistered(
            signer, register.owner(), register.resources(), register.memoryMiB()));
  }

  private static void checkStake(Step step, Address owner, int workers) {
    Refusal.unless(
        covered(step, owner) >= workers,
        Reason.STAKE_TOO_SMALL,
        workers
            + " workers of "
            + owner
            + " need a stake of "
            + step.rules().money().workerStake()
            + " each; bonded is "
            + step.state().bonded(owner));
  }

  /** How many workers an owner's stake is enough for. */
  private static long covered(Step step, Address owner) {
    Amount each = step.rules().money().workerStake();
    return each.isZero() ? Long.MAX_VALUE : step.state().bonded(owner).units() / each.units();
  }

  static void placeAsk(Step step, Command.PlaceAsk ask, Address signer) {
    Worker worker = worker(step, signer);
    checkStake(step, worker.owner(), step.state().workersOf(worker.owner()));
    Refusal.unless(
        worker.notBeforeMillis() <= step.now(),
        Reason.COOLING_DOWN,
        "worker " + signer + " may ask again at " + worker.notBeforeMillis());
    checkReserve(step, ask.reserve());
    Refusal.unless(
        !ask.runtimes().isEmpty(),
        Reason.MALFORMED,
        "expected an ask for at least one runtime, but it is for none");
    step.emit(new Event.AskPlaced(signer, ask.reserve(), ask.runtimes()));
    ProofDecisions.asked(step, signer);
  }

  private static void checkReserve(Step step, UnitPrice reserve) {
    try {
      reserve.plus(step.rules().money().fee());
    } catch (ArithmeticException e) {
      throw new Refusal(
          Reason.MALFORMED, "reserve " + reserve + " and the fee are more than a price can hold");
    }
  }

  static void withdrawAsk(Step step, Address signer) {
    Worker worker = worker(step, signer);
    Refusal.unless(worker.ask().isPresent(), Reason.NO_ASK, "worker " + signer + " asks nothing");
    step.emit(new Event.AskWithdrawn(signer, step.now()));
  }

  static void drain(Step step, Address signer) {
    Worker worker = worker(step, signer);
    step.emit(new Event.WorkerDraining(signer));
    AuditDecisions.handBack(step, worker);
  }

  static void alive(Step step, Address signer) {
    worker(step, signer);
    step.emit(new Event.SilenceVoided(signer));
  }

  /** Shortens the grace of silent workers' leases; those without a lease lose their ask. */
  static void reportSilent(Step step, Command.ReportSilent silent, Address signer) {
    FactDecisions.requireValidator(step, signer);
    Refusal.unless(
        silent.workers().size() <= 1_000,
        Reason.MALFORMED,
        "at most 1000 workers a report, not " + silent.workers().size());
    long deadline = step.now() + step.rules().pace().silence();
    for (Address key : silent.workers()) {
      step.state().worker(key).ifPresent(worker -> silence(step, worker, deadline));
    }
  }

  private static void silence(Step step, Worker worker, long deadline) {
    Optional<Task> task = worker.lease().flatMap(step.state()::task);
    if (task.isPresent()) {
      if (task.get().lease().filter(lease -> lease.deadlineMillis() > deadline).isPresent()) {
        step.emit(new Event.SilenceReported(worker.key(), deadline));
      }
    } else if (worker.ask().isPresent()) {
      step.emit(new Event.AskWithdrawn(worker.key(), step.now()));
    }
  }

  /** Stake went: the owner's workers that it no longer covers lose their asks, last key first. */
  static void stakeFell(Step step, Address owner) {
    long covered = covered(step, owner);
    long seen = 0;
    for (Worker worker : List.copyOf(step.state().workers().values())) {
      if (worker.owner().equals(owner) && ++seen > covered && worker.ask().isPresent()) {
        step.emit(new Event.AskWithdrawn(worker.key(), step.now()));
      }
    }
  }

  static Worker worker(Step step, Address key) {
    return step.state()
        .worker(key)
        .orElseThrow(
            () -> new Refusal(Reason.UNKNOWN_WORKER, "no worker is registered with key " + key));
  }
}
