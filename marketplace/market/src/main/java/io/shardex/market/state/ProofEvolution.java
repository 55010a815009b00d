package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Event;
import java.util.function.UnaryOperator;

/** Applies what happens to proofs of hardware. */
final class ProofEvolution {
  private ProofEvolution() {}

  static void evolve(MarketState state, Event.OfProof event) {
    long now = state.clock.millis();
    switch (event) {
      case Event.ChallengesAwaited awaited ->
          state.draws.computeIfPresent(awaited.slot(), (slot, draw) -> draw.with(awaited.rate()));
      case Event.ChallengeDrawn drawn ->
          state.challenges.put(
              drawn.worker(), LiveChallenge.drawn(drawn.challenge(), now, drawn.deadlineMillis()));
      case Event.ChallengeAnswered answered ->
          change(
              state,
              answered.worker(),
              live -> live.answered(answered.root(), now, answered.slot()));
      case Event.OpeningDeferred deferred ->
          change(state, deferred.worker(), live -> live.deferred(deferred.slot()));
      case Event.OpeningDrawn drawn ->
          change(state, drawn.worker(), live -> live.opening(drawn.draw(), drawn.deadlineMillis()));
      case Event.ChallengeOpened opened ->
          change(state, opened.worker(), live -> live.opened(opened.opening()));
      case Event.HardwareProven proven ->
          judge(state, new Proof(proven.worker(), 0, proven.millis(), now));
      case Event.HardwareRefuted refuted ->
          judge(
              state,
              state
                  .proof(refuted.worker())
                  .map(last -> last.refuted(now))
                  .orElseGet(() -> new Proof(refuted.worker(), 1, 0, now)));
      case Event.ChallengeDropped dropped -> state.challenges.remove(dropped.worker());
    }
  }

  private static void change(
      MarketState state, Address worker, UnaryOperator<LiveChallenge> change) {
    state.challenges.computeIfPresent(worker, (key, live) -> change.apply(live));
  }

  /** Whether it may be leased follows from its proof: the indexes must hear of it. */
  private static void judge(MarketState state, Proof proof) {
    state.challenges.remove(proof.worker());
    state.proofs.put(proof.worker(), proof);
    state.worker(proof.worker()).ifPresent(state::put);
  }
}
