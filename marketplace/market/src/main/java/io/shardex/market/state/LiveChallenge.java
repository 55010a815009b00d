package io.shardex.market.state;

import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import java.util.Optional;

/**
 * A challenge that a worker has not passed or failed yet. It waits for an answer, then for the
 * beacon that says what is opened, then for the opening, then for the validators.
 *
 * @param deadlineMillis by which the worker must have done what is waited for
 */
public record LiveChallenge(
    Challenge challenge,
    long drawnAtMillis,
    long deadlineMillis,
    Optional<Answer> answer,
    Optional<Digest> draw,
    Optional<Digest> opening) {
  /**
   * What the worker said.
   *
   * @param millis market time it took
   * @param slot whose beacon says what is opened
   */
  public record Answer(Digest root, long millis, long slot) {}

  static LiveChallenge drawn(Challenge challenge, long nowMillis, long deadlineMillis) {
    return new LiveChallenge(
        challenge, nowMillis, deadlineMillis, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether the worker has to compute. */
  public boolean awaitsAnswer() {
    return answer.isEmpty();
  }

  /** Whether chance has to say what is opened, with this slot's beacon. */
  public boolean awaitsBeacon(long slot) {
    return answer.filter(said -> said.slot() == slot).isPresent() && draw.isEmpty();
  }

  /** Whether the worker has to open its answer. */
  public boolean awaitsOpening() {
    return draw.isPresent() && opening.isEmpty();
  }

  LiveChallenge answered(Digest root, long nowMillis, long slot) {
    return with(Optional.of(new Answer(root, nowMillis - drawnAtMillis, slot)), draw, opening);
  }

  LiveChallenge deferred(long slot) {
    return with(answer.map(said -> new Answer(said.root(), said.millis(), slot)), draw, opening);
  }

  LiveChallenge opening(Digest drawn, long deadline) {
    return new LiveChallenge(
        challenge, drawnAtMillis, deadline, answer, Optional.of(drawn), opening);
  }

  LiveChallenge opened(Digest blob) {
    return with(answer, draw, Optional.of(blob));
  }

  /** The clock jumped: the worker gets the time back. */
  LiveChallenge excused(long millis) {
    return new LiveChallenge(
        challenge,
        awaitsAnswer() ? drawnAtMillis + millis : drawnAtMillis,
        deadlineMillis + millis,
        answer,
        draw,
        opening);
  }

  private LiveChallenge with(
      Optional<Answer> said, Optional<Digest> drawn, Optional<Digest> opened) {
    return new LiveChallenge(challenge, drawnAtMillis, deadlineMillis, said, drawn, opened);
  }
}
