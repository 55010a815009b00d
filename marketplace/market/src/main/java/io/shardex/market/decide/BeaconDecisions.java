package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.HashChain;
import io.shardex.market.JobId;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.TaskId;
import io.shardex.market.state.Draw;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Seat;
import java.util.List;
import java.util.Map;

/**
 * Chance that nobody can choose. Each member reveals one place of its hash chain a slot; what was
 * committed to in a slot is drawn with the hash of all members' places of the next one. A member
 * that holds its place back makes everything that waits for it an audit, and stands aside until the
 * next epoch, so that nobody gains by silence.
 */
final class BeaconDecisions {
  private BeaconDecisions() {}

  /** Refuses a beat whose place is not the one that its author committed to. */
  static void checkPlace(Step step, Command.Beat beat, Address validator) {
    if (beat.preimage().isEmpty()) {
      return;
    }
    Seat seat = seat(step.state(), validator);
    long steps = beat.slot() - seat.slot();
    Refusal.unless(
        seat.hasChain() && steps >= 1 && steps <= step.rules().audits().beaconSteps(),
        Reason.BEACON_MISMATCH,
        "the chain of " + validator + " is known up to slot " + seat.slot() + ", not near " + beat);
    Refusal.unless(
        HashChain.before(beat.preimage().get(), steps).equals(seat.place()),
        Reason.BEACON_MISMATCH,
        "the place of slot " + beat.slot() + " is not in the chain of " + validator);
  }

  /** Takes a checked place, and draws what it completes. */
  static void reveal(Step step, Command.Beat beat, Address validator) {
    if (beat.preimage().isEmpty()) {
      return;
    }
    step.emit(new Event.PreimageRevealed(validator, beat.slot(), beat.preimage().get()));
    for (Map.Entry<Long, Draw> entry : List.copyOf(step.state().draws().entrySet())) {
      Draw draw = step.state().draws().get(entry.getKey());
      if (draw != null && isWhole(step.state(), draw)) {
        turn(step, entry.getKey(), draw, true);
      }
    }
  }

  /** With fewer than k members all of them might be liars. */
  private static boolean isWhole(MarketState state, Draw draw) {
    return draw.isComplete() && draw.members().size() >= state.network().threshold();
  }

  static void announce(Step step, Command.NewChain chain, Address validator) {
    FactDecisions.requireValidator(step, validator);
    Seat seat = seat(step.state(), validator);
    Refusal.unless(
        chain.number() == seat.number() + 1,
        Reason.BEACON_MISMATCH,
        "expected chain " + (seat.number() + 1) + " of " + validator + ", not " + chain.number());
    step.emit(
        new Event.ChainAnnounced(
            validator, chain.number(), chain.tip(), step.state().clock().epoch() + 2));
  }

  /** At a new epoch: announced chains act, and members that stood aside come back. */
  static void turnEpoch(Step step) {
    long slot = step.state().clock().slot();
    for (Map.Entry<Address, Seat> entry : List.copyOf(step.state().seats().entrySet())) {
      Address validator = entry.getKey();
      Seat seat = entry.getValue();
      long epoch = step.state().clock().epoch();
      if (seat.next().filter(next -> next.epoch() <= epoch).isPresent()) {
        Seat.Announced next = seat.next().get();
        step.emit(new Event.ChainBegun(validator, next.number(), next.tip(), slot));
      } else if (seat.hasChain() && !seat.member() && isRecent(step, seat)) {
        step.emit(new Event.BeaconJoined(validator));
      }
    }
  }

  private static boolean isRecent(Step step, Seat seat) {
    return seat.slot() + step.rules().audits().beaconSlots() >= step.state().clock().slot();
  }

  /** The slot whose beacon decides about what happens now; the state waits for it from now on. */
  static long nextDraw(Step step) {
    long slot = step.state().clock().slot() + 1;
    if (!step.state().draws().containsKey(slot)) {
      List<Address> members =
          step.state().seats().entrySet().stream()
              .filter(entry -> entry.getValue().member())
              .map(Map.Entry::getKey)
              .toList();
      step.emit(new Event.DrawAwaited(slot, members));
    }
    return slot;
  }

  /** Whether there are enough members left for a beacon that nobody can have chosen. */
  static boolean canBeWhole(Step step) {
    long members = step.state().seats().values().stream().filter(Seat::member).count();
    return members >= step.state().network().threshold();
  }

  /** The slots that have waited long enough for the members that are missing. */
  static void giveUpWaiting(Step step) {
    long latest = step.state().clock().slot() - step.rules().audits().beaconSlots();
    for (Map.Entry<Long, Draw> entry : List.copyOf(step.state().draws().entrySet())) {
      if (entry.getKey() <= latest) {
        for (Address missing : entry.getValue().missing()) {
          Seat seat = seat(step.state(), missing);
          // Places before the start of a chain that has begun since cannot come any more.
          if (seat.member() && seat.start() < entry.getKey()) {
            step.emit(new Event.BeaconLeft(missing, entry.getKey()));
          }
        }
        turn(step, entry.getKey(), entry.getValue(), false);
      }
    }
  }

  private static void turn(Step step, long slot, Draw draw, boolean whole) {
    Digest beacon = HashChain.beacon(slot, draw.places());
    step.emit(new Event.BeaconTurned(slot, beacon, whole));
    for (TaskId id : step.state().waitingFor(slot)) {
      AuditDecisions.draw(step, id, beacon, whole);
    }
    for (JobId job : draw.jobs()) {
      if (step.state().job(job).filter(BeaconDecisions::awaitsLastDraw).isPresent()) {
        AuditDecisions.lastDraw(step, job, beacon, whole);
      }
    }
    ProofDecisions.drawOpenings(step, slot, beacon, whole);
    draw.challenges().ifPresent(rate -> ProofDecisions.draw(step, beacon, whole, rate));
  }

  /** Not if a shard has had to be trained again since: then its last result has a draw to come. */
  private static boolean awaitsLastDraw(Job job) {
    return !job.phase().ended() && job.doubt().lastDraw() == Job.LastDraw.AWAITED;
  }

  private static Seat seat(MarketState state, Address validator) {
    Seat seat = state.seats().get(validator);
    if (seat == null) {
      throw new IllegalStateException("validator " + validator + " has no seat");
    }
    return seat;
  }
}
