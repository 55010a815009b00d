package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.FeeSplit;
import io.shardex.pricing.UnitPrice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a worker has committed to, kept until its pay has vested.
 *
 * @param id the id of its audit, which names it too
 * @param claim what its worker said
 * @param phase what is known of it
 * @param audit how its audit stands
 * @param paid what its worker got when its round closed
 */
public record Result(
    TaskId id, Claim claim, ResultPhase phase, Audit audit, Optional<FeeSplit> paid) {
  /**
   * A worker's word, and what it was given for it.
   *
   * @param shown blob id of the result, or what a diverged run shows
   * @param divergedAt the step at which the numbers left the finite ones
   * @param base blob id of the model the shard started from
   * @param price gross price of the lease
   * @param gross what the result is worth at that price
   * @param checkpoints what it rests on, each on the one before; none if it was trained in one go
   */
  public record Claim(
      Address worker,
      Address owner,
      Digest shown,
      Optional<Integer> divergedAt,
      Digest seal,
      Digest base,
      UnitPrice price,
      Amount gross,
      List<Checkpoint> checkpoints) {
    public Claim {
      checkpoints = List.copyOf(checkpoints);
    }

    /** Whether it rests on the word of another owner. */
    public boolean restsOnAnother() {
      return checkpoints.stream().anyMatch(one -> !one.owner().equals(owner));
    }

    /** Whether this owner has a part in it. */
    public boolean isOf(Address party) {
      return owner.equals(party) || checkpoints.stream().anyMatch(one -> one.owner().equals(party));
    }
  }

  /**
   * How the audit of a result stands.
   *
   * @param slot whose beacon draws, while WAITING
   * @param forced why the draw is none of chance, if it is not
   * @param draws auditors drawn so far
   * @param missed owners of those that were silent
   * @param auditor the worker that is drawn, and its owner; empty when the validators executed it
   * @param price gross price of the audit
   * @param hold what is held for it
   * @param revealByMillis until when both must reveal, while SEALED; 0 otherwise
   * @param worker what the worker revealed
   * @param other what the auditor revealed
   */
  public record Audit(
      long slot,
      Optional<Event.DrawCause> forced,
      int draws,
      List<Address> missed,
      Optional<Party> auditor,
      UnitPrice price,
      Amount hold,
      long revealByMillis,
      Optional<Opening> worker,
      Optional<Opening> other) {
    public Audit {
      missed = List.copyOf(missed);
    }

    static Audit at(long slot) {
      return new Audit(
          slot,
          Optional.empty(),
          0,
          List.of(),
          Optional.empty(),
          UnitPrice.ZERO,
          Amount.ZERO,
          0,
          Optional.empty(),
          Optional.empty());
    }

    /** A draw anew without the auditor; what is held for the audit stays. */
    Audit again(long newSlot, List<Address> nowMissed) {
      return new Audit(
          newSlot,
          Optional.of(Event.DrawCause.AUDITOR_MISSING),
          draws,
          nowMissed,
          Optional.empty(),
          price,
          hold,
          0,
          worker,
          Optional.empty());
    }

    /** A draw anew, though it was proved: who confirmed it will answer for that. */
    Audit doubted(long newSlot) {
      return deferred(newSlot, Event.DrawCause.PROVEN_LIAR);
    }

    /** Drawn for sure, with the beacon of another slot. */
    Audit deferred(long newSlot, Event.DrawCause cause) {
      return new Audit(
          newSlot, Optional.of(cause), draws, missed, auditor, price, hold, 0, worker, other);
    }

    Audit drawn(Party whom, UnitPrice at, Amount held) {
      return new Audit(
          slot,
          forced,
          draws + 1,
          missed,
          Optional.of(whom),
          at,
          held,
          0,
          worker,
          Optional.empty());
    }

    /** Drawn, but there is nobody to audit it. */
    Audit drawnInVain() {
      return new Audit(slot, forced, draws + 1, missed, auditor, price, hold, 0, worker, other);
    }

    Audit sealed(long byMillis) {
      return new Audit(slot, forced, draws, missed, auditor, price, hold, byMillis, worker, other);
    }

    Audit withWorker(Opening opening) {
      return new Audit(
          slot,
          forced,
          draws,
          missed,
          auditor,
          price,
          hold,
          revealByMillis,
          Optional.of(opening),
          other);
    }

    Audit withOther(Opening opening) {
      return new Audit(
          slot,
          forced,
          draws,
          missed,
          auditor,
          price,
          hold,
          revealByMillis,
          worker,
          Optional.of(opening));
    }

    Audit released() {
      return new Audit(slot, forced, draws, missed, auditor, price, Amount.ZERO, 0, worker, other);
    }

    /** The validators' word has taken the auditor's place. */
    Audit byValidators() {
      return new Audit(
          slot,
          forced,
          draws,
          missed,
          Optional.empty(),
          price,
          hold,
          revealByMillis,
          worker,
          other);
    }

    List<Address> missedAnd(Address owner) {
      List<Address> more = new ArrayList<>(missed);
      more.add(owner);
      return more;
    }
  }

  /** A worker and its owner. */
  public record Party(Address worker, Address owner) {}

  /** What a seal held. */
  public record Opening(Digest root, Digest shown) {}

  /**
   * Whether its owner's proven lie makes it drawn: not while evidence is on its way, and not when k
   * validators have executed it, after whom there is nobody to ask.
   */
  public boolean mayBeDrawn() {
    boolean byValidators = phase == ResultPhase.PROVED && audit.auditor().isEmpty();
    return switch (phase) {
      case WAITING, SPARED -> true;
      case PROVED -> !byValidators;
      case DRAWN, SEALED, DISPUTED, REFUTED, UNPROVEN -> false;
    };
  }

  Result in(ResultPhase next) {
    return in(next, audit);
  }

  Result in(ResultPhase next, Audit how) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException("result " + id + " cannot go from " + phase + " to " + next);
    }
    return new Result(id, claim, next, how, paid);
  }

  Result with(Audit how) {
    return new Result(id, claim, phase, how, paid);
  }

  Result paid(Optional<FeeSplit> split) {
    return new Result(id, claim, phase, audit, split);
  }
}
