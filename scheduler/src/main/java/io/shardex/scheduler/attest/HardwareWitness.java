package io.shardex.scheduler.attest;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Verdict;
import io.shardex.market.state.LiveChallenge;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.scheduler.grid.BlobGrid;
import io.shardex.scheduler.grid.GridFailure;
import io.shardex.scheduler.replica.MarketReplica;
import io.shardex.training.proof.Challenge;
import io.shardex.training.proof.OpeningCheck;
import io.shardex.training.proof.OpeningRefused;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether what a worker opened of its answer to a challenge shows that the answer is right. */
public final class HardwareWitness implements Witness<Fact.Hardware> {
  private static final Logger log = LoggerFactory.getLogger(HardwareWitness.class);

  private final Function<Address, Optional<LiveChallenge>> challenges;
  private final BlobGrid grid;
  private final LongSupplier clockMillis;

  /** A witness for one validator. */
  public HardwareWitness(MarketReplica replica, BlobGrid grid) {
    this(
        worker -> replica.read(state -> state.challenge(worker)),
        grid,
        () -> replica.read(state -> state.clock().millis()));
  }

  /**
   * @param clockMillis market time, by which an opening is missing or may yet come
   */
  HardwareWitness(
      Function<Address, Optional<LiveChallenge>> challenges,
      BlobGrid grid,
      LongSupplier clockMillis) {
    this.challenges = challenges;
    this.grid = grid;
    this.clockMillis = clockMillis;
  }

  @Override
  public Statement look(Fact.Hardware fact) throws CannotTell {
    LiveChallenge live =
        challenges
            .apply(fact.worker())
            .filter(found -> found.challenge().seed().equals(fact.challenge()))
            .filter(found -> found.opening().isPresent())
            .orElseThrow(() -> new CannotTell(fact + " is settled"));
    Challenge challenge = HardwareChallenge.of(live.challenge());
    Optional<Verdict> verdict = verdict(fact, live, challenge);
    if (verdict.isEmpty() && clockMillis.getAsLong() < live.deadlineMillis()) {
      throw new CannotTell("the opening of " + fact + " is not in the grid");
    }
    return new Statement(fact, new FactValue.Judged(verdict.orElse(Verdict.MISSING)));
  }

  /** Nothing while the opening is not there. */
  private Optional<Verdict> verdict(Fact.Hardware fact, LiveChallenge live, Challenge challenge)
      throws CannotTell {
    Digest blob = live.opening().orElseThrow();
    try {
      Optional<Manifest> manifest = grid.manifest(blob);
      long most = OpeningCheck.mostBytes(challenge.size());
      if (manifest.filter(found -> found.totalBytes() > most).isPresent()) {
        return Optional.of(Verdict.WRONG);
      }
      return grid.load(blob).map(opening -> judged(fact, live, challenge, opening));
    } catch (GridFailure e) {
      throw new CannotTell("the opening cannot be read: " + e.getMessage(), e);
    }
  }

  private static Verdict judged(
      Fact.Hardware fact, LiveChallenge live, Challenge challenge, byte[] opening) {
    try {
      OpeningCheck.check(
          challenge,
          HardwareChallenge.digest(live.answer().orElseThrow().root()),
          HardwareChallenge.digest(live.draw().orElseThrow()),
          opening);
      return Verdict.RIGHT;
    } catch (OpeningRefused e) {
      log.info("worker {} did not prove its hardware: {}", fact.worker(), e.getMessage());
      return Verdict.WRONG;
    }
  }
}
