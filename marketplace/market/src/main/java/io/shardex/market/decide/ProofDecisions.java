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
import io.shardex.market.state.LiveChallenge;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Worker;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.WorkUnits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proofs of hardware: who is challenged, and what follows from an answer, or from none. A worker
 * that fails is leased nothing more until it passes, and loses nothing else: neither a late answer
 * nor a wrong one proves a lie about its work.
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
    if (!rules.areAsked()) {
      return;
    }
    boolean anybody = step.state().clock().epoch() % rules.every() == 0;
    boolean somebody =
        step.state().workers().values().stream()
            .anyMatch(worker -> anybody ? isHere(worker) : isKeptOut(step, worker));
    if (somebody && BeaconDecisions.canBeWhole(step)) {
      PartsPerMillion rate = anybody ? rules.rate() : NOBODY;
      step.emit(new Event.ChallengesAwaited(BeaconDecisions.nextDraw(step), rate));
    }
  }

  private static boolean isHere(Worker worker) {
    return worker.asks() || worker.lease().isPresent();
  }

  private static boolean isKeptOut(Step step, Worker worker) {
    return worker.asks() && !step.state().isProven(worker);
  }

  /**
   * Draws owners, and challenges all workers of each at once: a device that is offered twice has to
   * do both in the time of one. Begins anywhere, so that nobody is always beyond the bound.
   */
  static void draw(Step step, Digest beacon, PartsPerMillion rate) {
    for (Worker worker : from(step.state(), beacon)) {
      long number =
          HashChain.draw(beacon, "challenge", worker.owner().bytes(), PartsPerMillion.ONE);
      if (isKeptOut(step, worker) || (isHere(worker) && number < rate.value())) {
        challenge(step, worker, beacon);
      }
    }
  }

  /** All workers by key, from one that the beacon says. */
  private static List<Worker> from(MarketState state, Digest beacon) {
    Address first = Address.of(Arrays.copyOf(beacon.bytes(), Address.BYTES));
    List<Worker> workers = new ArrayList<>(state.workers().tailMap(first, true).values());
    workers.addAll(state.workers().headMap(first, false).values());
    return workers;
  }

  private static void challenge(Step step, Worker worker, Digest beacon) {
    Rules.Proofs rules = step.rules().proofs();
    if (step.state().challenges().size() >= rules.live()
        || step.state().challenge(worker.key()).isPresent()) {
      return;
    }
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

  private static void refute(Step step, Address worker, Unproven why) {
    step.emit(new Event.HardwareRefuted(worker, why));
    step.emit(new Event.AskWithdrawn(worker, step.now() + step.rules().pace().cooldown()));
  }
}
