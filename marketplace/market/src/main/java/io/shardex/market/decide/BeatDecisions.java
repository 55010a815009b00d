package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Ending;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.JobId;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Rules;
import io.shardex.market.TaskId;
import io.shardex.market.state.Deposit;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.Task;
import io.shardex.market.state.ValidatorTick;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The market's time: when k validators have beaten in a slot, the next one opens and due things
 * happen.
 */
final class BeatDecisions {
  private BeatDecisions() {}

  static void beat(Step step, Command.Beat beat, Address signer) {
    FactDecisions.requireValidator(step, signer);
    ValidatorTick last = step.state().ticks().get(signer);
    long open = step.state().clock().slot();
    Refusal.unless(
        last != null && beat.slot() > last.slot() && beat.slot() <= open,
        Reason.STALE_SLOT,
        "slot " + open + " is open, but the beat is of slot " + beat.slot());
    Refusal.unless(
        beat.clockMillis() >= 0 && beat.finalBlock() >= 0,
        Reason.MALFORMED,
        "a beat's clock and block cannot be negative");
    BeaconDecisions.checkPlace(step, beat, signer);
    step.emit(
        new Event.BeatReceived(
            signer, beat.slot(), beat.clockMillis(), beat.finalBlock(), beat.index(), beat.hash()));
    BeaconDecisions.reveal(step, beat, signer);
    if (beatsIn(step.state(), open) >= step.state().network().threshold()) {
      openNextSlot(step);
    }
  }

  private static long beatsIn(MarketState state, long slot) {
    return state.ticks().values().stream().filter(tick -> tick.slot() == slot).count();
  }

  private static void openNextSlot(Step step) {
    long before = step.now();
    long now = Math.max(before, agreedClock(step.state()));
    step.emit(new Event.SlotOpened(step.state().clock().slot() + 1, now));
    if (before > 0 && now - before > step.rules().pace().gap()) {
      step.emit(new Event.GapExcused(now - before));
    }
    BeaconDecisions.giveUpWaiting(step);
    ChainDecisions.askForMore(step);
    expireLeases(step);
    AuditDecisions.closeReveals(step);
    ProofDecisions.expire(step);
    timeOutFacts(step);
    endLateJobs(step);
    forgetDeposits(step);
    archiveJobs(step);
    if (now >= step.state().clock().epochEndsMillis()) {
      EpochDecisions.turn(step);
    }
    BatchDecisions.seal(step);
    checkpoint(step);
  }

  /** The state's hash, for nodes that were given a snapshot and must not believe it yet. */
  private static void checkpoint(Step step) {
    boolean isDue = step.state().clock().slot() % step.rules().audits().checkpoint() == 0;
    boolean isOpen =
        step.state().facts().keySet().stream().anyMatch(Fact.Checkpoint.class::isInstance);
    if (isDue && !isOpen) {
      FactDecisions.open(step, new Fact.Checkpoint(step.index()));
    }
  }

  /**
   * The k-th highest of the validators' clocks: at least k of them have reached it, so fewer than k
   * liars cannot run it ahead, and with k more than half they cannot hold it back either.
   */
  private static long agreedClock(MarketState state) {
    List<Long> clocks =
        state.ticks().values().stream()
            .map(ValidatorTick::clockMillis)
            .sorted(Comparator.reverseOrder())
            .toList();
    return clocks.get(state.network().threshold() - 1);
  }

  private static void expireLeases(Step step) {
    Optional<TaskId> next = step.state().nextExpired(step.now());
    while (next.isPresent()) {
      Task task =
          step.state()
              .task(next.get())
              .orElseThrow(() -> new IllegalStateException("an expired lease has no task"));
      LeaseDecisions.fail(step, task, Event.Failure.EXPIRED);
      next = step.state().nextExpired(step.now());
    }
  }

  private static void timeOutFacts(Step step) {
    for (Map.Entry<Fact, OpenFact> entry : List.copyOf(step.state().facts().entrySet())) {
      OpenFact open = step.state().facts().get(entry.getKey());
      if (open != null && open.deadlineMillis() <= step.now()) {
        FactDecisions.timeOut(step, entry.getKey(), open);
      }
    }
  }

  private static void endLateJobs(Step step) {
    for (Job job : List.copyOf(step.state().jobs().values())) {
      if (!job.phase().ended() && job.terms().deadlineMillis() <= step.now()) {
        JobDecisions.startEnding(
            step,
            job.id(),
            JobPhase.FAILED,
            new Ending(
                Ending.Cause.DEADLINE_REACHED,
                "the deadline "
                    + job.terms().deadlineMillis()
                    + " came in round "
                    + job.round()
                    + " of "
                    + job.terms().rounds()));
      }
    }
  }

  private static void forgetDeposits(Step step) {
    for (Map.Entry<JobId, Deposit> entry : List.copyOf(step.state().deposits().entrySet())) {
      boolean unused = step.state().job(entry.getKey()).isEmpty();
      if (unused && entry.getValue().refundAt() <= step.now() / 1_000) {
        step.emit(new Event.DepositForgotten(entry.getKey()));
      }
    }
  }

  private static void archiveJobs(Step step) {
    Rules.Pace pace = step.rules().pace();
    for (Job job : List.copyOf(step.state().jobs().values())) {
      if (job.settled() && job.endedAtMillis() + pace.keepSettled() <= step.now()) {
        step.emit(new Event.JobArchived(job.id()));
      }
    }
  }
}
