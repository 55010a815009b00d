package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Event.Unproven;
import io.shardex.market.Fact;
import io.shardex.market.FactValue.Verdict;
import io.shardex.market.HashChain;
import io.shardex.market.Network;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Rules;
import io.shardex.market.state.Draw;
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Worker;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.WorkUnits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Proofs of hardware: who is challenged, and what follows from an answer, or from none. A worker
 * that fails is leased nothing more until it passes, and loses nothing else: neither a late answer
 * nor a wrong one proves a lie about its work. It is challenged again as soon as it asks.
 */
final class ProofDecisions {
  private static final PartsPerMillion NOBODY = new PartsPerMillion(0);
  private static final WorkUnits MOST_WORK = new WorkUnits(WorkUnits.MAX);
  private static final byte[] CHALLENGE = "shardex.challenge/1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OPENING = "shardex.opening/1".getBytes(StandardCharsets.US_ASCII);

  private ProofDecisions() {}

  /**
   * At a new epoch: now and then anybody may be challenged, and always those that wait for work and
   * may have none until they pass.
   */
  static void turnEpoch(Step step) {
    Rules.Proofs rules = step.rules().proofs();
    boolean anybody = rules.areAsked() && step.state().clock().epoch() % rules.every() == 0;
    if (step.state().workers().values().stream()
        .anyMatch(worker -> anybody ? isHere(worker) : isDue(step, worker))) {
      await(step, anybody ? rules.rate() : NOBODY);
    }
  }

  /** A worker asks: if it has something to prove, it need not wait for an epoch. */
  static void asked(Step step, Address worker) {
    if (isDue(step, WorkerDecisions.worker(step, worker))) {
      await(step, NOBODY);
    }
  }

  /** The next slot's beacon draws, at the highest rate that is asked of it. */
  private static void await(Step step, PartsPerMillion rate) {
    if (!BeaconDecisions.canBeWhole(step)) {
      return;
    }
    long slot = BeaconDecisions.nextDraw(step);
    Optional<PartsPerMillion> before =
        Optional.ofNullable(step.state().draws().get(slot)).flatMap(Draw::challenges);
    if (before.filter(already -> already.value() >= rate.value()).isEmpty()) {
      step.emit(new Event.ChallengesAwaited(slot, rate));
    }
  }

  private static boolean isHere(Worker worker) {
    return worker.asks() || worker.lease().isPresent();
  }

  /**
   * Whether a worker asks, may have nothing until it passes, and may try again. Tries are bounded,
   * so asking again and again gives nobody more of them.
   */
  private static boolean isDue(Step step, Worker worker) {
    return worker.asks()
        && !step.state().isProven(worker)
        && step.state()
            .proof(worker.key())
            .filter(last -> step.now() < last.againAtMillis(step.rules().pace().cooldown()))
            .isEmpty()
        && isFree(step.state(), worker.owner());
  }

  /** Whether nobody of the owner is challenged now: its workers do not prove in turn. */
  private static boolean isFree(MarketState state, Address owner) {
    return state.challenges().keySet().stream()
        .flatMap(challenged -> state.worker(challenged).stream())
        .noneMatch(worker -> worker.owner().equals(owner));
  }

  /**
   * Draws owners by chance, and those of whom a worker waits to be challenged; all workers of each
   * are challenged at once: a device that is offered twice has to do both in the time of one. A
   * broken beacon's draw is left to the next.
   */
  static void draw(Step step, Digest beacon, boolean whole, PartsPerMillion rate) {
    if (!whole) {
      await(step, rate);
      return;
    }
    byOwner(step.state(), beacon)
        .forEach(
            (owner, workers) -> {
              boolean drawn =
                  (isDrawn(beacon, owner, rate) && isFree(step.state(), owner))
                      || workers.stream().anyMatch(worker -> isDue(step, worker));
              if (drawn) {
                challenge(step, workers.stream().filter(ProofDecisions::isHere).toList(), beacon);
              }
            });
  }

  private static boolean isDrawn(Digest beacon, Address owner, PartsPerMillion rate) {
    return rate.value() > 0
        && HashChain.draw(beacon, "challenge", owner.bytes(), PartsPerMillion.ONE) < rate.value();
  }

  /** All workers by owner; begins anywhere, so that nobody is always beyond the bound. */
  private static Map<Address, List<Worker>> byOwner(MarketState state, Digest beacon) {
    Address first = Address.of(Arrays.copyOf(beacon.bytes(), Address.BYTES));
    Map<Address, List<Worker>> owners = new LinkedHashMap<>();
    Stream.of(state.workers().tailMap(first, true), state.workers().headMap(first, false))
        .flatMap(part -> part.values().stream())
        .forEach(
            worker ->
                owners.computeIfAbsent(worker.owner(), owner -> new ArrayList<>()).add(worker));
    return owners;
  }

  /** An owner's workers for whom there is no room are left to another draw, unless room is all. */
  private static void challenge(Step step, List<Worker> workers, Digest beacon) {
    int live = step.state().challenges().size();
    int room = step.rules().proofs().live() - live;
    if (live == 0 || workers.size() <= room) {
      workers.stream().limit(room).forEach(worker -> challenge(step, worker, beacon));
    }
  }

  private static void challenge(Step step, Worker worker, Digest beacon) {
    Rules.Proofs rules = step.rules().proofs();
    Digest seed = Digest.sha256(CHALLENGE, beacon.bytes(), worker.key().bytes());
    Challenge challenge =
        Challenge.of(
            seed, rate(step, worker).inMillis(rules.work(), MOST_WORK), tableMiB(rules, worker));
    step.emit(
        new Event.ChallengeDrawn(
            worker.key(), challenge, step.now() + rules.slack() * rules.work()));
  }

  private static WorkUnits rate(Step step, Worker worker) {
    return step.state()
        .network()
        .terms(worker.resources())
        .map(Network.ClassTerms::workPerHour)
        .orElseThrow(() -> new IllegalStateException("no class " + worker.resources()));
  }

  /** Half of what it offers, since a process has more in memory; a lease needs all of it. */
  private static int tableMiB(Rules.Proofs rules, Worker worker) {
    return worker.lease().isPresent() ? 0 : Math.min(rules.tableMiB(), worker.memoryMiB() / 2);
  }

  static void answer(Step step, Command.AnswerChallenge answer, Address signer) {
    live(step, signer, answer.challenge(), LiveChallenge::awaitsAnswer, "an answer");
    step.emit(new Event.ChallengeAnswered(signer, answer.root(), BeaconDecisions.nextDraw(step)));
  }

  private interface Phase {
    boolean holds(LiveChallenge live);
  }

  private static void live(
      Step step, Address worker, Digest challenge, Phase phase, String expected) {
    Optional<LiveChallenge> live =
        step.state().challenge(worker).filter(found -> found.challenge().seed().equals(challenge));
    Refusal.unless(
        live.filter(phase::holds).isPresent(),
        Reason.NO_CHALLENGE,
        "expected challenge "
            + challenge
            + " of "
            + worker
            + " to wait for "
            + expected
            + ", but it "
            + (live.isPresent() ? "does not" : "is not there"));
  }

  /** What waits for this slot's beacon is opened where it says. */
  static void drawOpenings(Step step, long slot, Digest beacon, boolean whole) {
    for (Map.Entry<Address, LiveChallenge> entry :
        List.copyOf(step.state().challenges().entrySet())) {
      if (entry.getValue().awaitsBeacon(slot)) {
        drawOpening(step, entry.getKey(), entry.getValue(), beacon, whole);
      }
    }
  }

  private static void drawOpening(
      Step step, Address worker, LiveChallenge live, Digest beacon, boolean whole) {
    if (whole) {
      Digest draw = Digest.sha256(OPENING, beacon.bytes(), live.challenge().seed().bytes());
      step.emit(new Event.OpeningDrawn(worker, draw, step.now() + step.rules().proofs().opening()));
    } else if (BeaconDecisions.canBeWhole(step)) {
      step.emit(new Event.OpeningDeferred(worker, BeaconDecisions.nextDraw(step)));
    } else {
      step.emit(new Event.ChallengeDropped(worker));
    }
  }

  static void open(Step step, Command.OpenChallenge open, Address signer) {
    live(step, signer, open.challenge(), LiveChallenge::awaitsOpening, "its opening");
    step.emit(new Event.ChallengeOpened(signer, open.opening()));
    FactDecisions.open(step, new Fact.Hardware(signer, open.challenge()));
  }

  /** The challenges whose worker has not done in time what was waited for. */
  static void expire(Step step) {
    for (Map.Entry<Address, LiveChallenge> entry :
        List.copyOf(step.state().challenges().entrySet())) {
      LiveChallenge live = entry.getValue();
      boolean awaited = live.awaitsAnswer() || live.awaitsOpening();
      if (awaited && live.deadlineMillis() <= step.now()) {
        refute(step, entry.getKey(), live.awaitsAnswer() ? Unproven.LATE : Unproven.NOT_OPENED);
      }
    }
  }

  static void judge(Step step, Fact.Hardware fact, Verdict verdict) {
    LiveChallenge live =
        step.state()
            .challenge(fact.worker())
            .orElseThrow(() -> new IllegalStateException(fact + " is about no challenge"));
    switch (verdict) {
      case RIGHT ->
          step.emit(
              new Event.HardwareProven(
                  fact.worker(), live.answer().map(LiveChallenge.Answer::millis).orElse(0L)));
      case WRONG -> refute(step, fact.worker(), Unproven.FALSE);
      case MISSING -> refute(step, fact.worker(), Unproven.MISSING);
    }
  }

  /** It asks for work again when it likes; none is leased to it before it passes. */
  private static void refute(Step step, Address key, Unproven why) {
    step.emit(new Event.HardwareRefuted(key, why));
    Worker worker = WorkerDecisions.worker(step, key);
    if (worker.ask().isPresent()) {
      step.emit(new Event.AskWithdrawn(key, step.now()));
    }
    AuditDecisions.handBack(step, worker);
  }
}
