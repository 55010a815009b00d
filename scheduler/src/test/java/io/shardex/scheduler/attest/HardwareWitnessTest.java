package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardex.market.Address;
import io.shardex.market.Challenge;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.FactValue.Verdict;
import io.shardex.market.state.LiveChallenge;
import io.shardex.protocol.blob.Manifest;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.training.arithmetic.Lanes;
import io.shardex.training.proof.OpeningCheck;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.training.proof.Solution;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a validator says of an opening. */
class HardwareWitnessTest {
  private static final Address WORKER = new Address(1, 0, 1);
  private static final Challenge CHALLENGE =
      new Challenge(Digest.sha256(new byte[] {1}), 16, 12, 8, 20);
  private static final Digest DRAW = Digest.sha256(new byte[] {2});
  private static final Fact.Hardware FACT = new Fact.Hardware(WORKER, CHALLENGE.seed());
  private static final long DEADLINE = 20_000;

  private long now;
  private final MapGrid grid =
      new MapGrid(new BlobQuota(1 << 25, 1 << 26), Duration.ofHours(1), () -> Instant.EPOCH);
  private Optional<LiveChallenge> live = Optional.empty();
  private final HardwareWitness witness = new HardwareWitness(worker -> live, grid, () -> now);
  private Solution solution;

  // JUnit calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  HardwareWitnessTest() {}

  @BeforeEach
  void solve() throws Exception {
    try (Lanes lanes = Lanes.of(1)) {
      solution =
          Solution.of(
              HardwareChallenge.of(CHALLENGE),
              new ReferenceChain(lanes),
              lanes,
              Solution.Progress.SILENT);
    }
  }

  @Test
  void theOpeningOfARightAnswerIsRight() throws Exception {
    opened(solution.root(), put(opening()));
    assertEquals(Verdict.RIGHT, verdict());
  }

  @Test
  void theOpeningOfAnotherAnswerIsWrong() throws Exception {
    opened(HardwareChallenge.digest(DRAW), put(opening()));
    assertEquals(Verdict.WRONG, verdict());
  }

  @Test
  void aBlobThatIsNoOpeningIsWrong() throws Exception {
    opened(solution.root(), put(new byte[] {1, 2, 3}));
    assertEquals(Verdict.WRONG, verdict());
  }

  @Test
  void aBlobThatIsLongerThanAnyOpeningIsWrongUnread() throws Exception {
    long most = OpeningCheck.mostBytes(HardwareChallenge.of(CHALLENGE).size());
    opened(solution.root(), put(new byte[(int) most + 1]));
    assertEquals(Verdict.WRONG, verdict());
  }

  @Test
  void anOpeningThatDoesNotComeIsMissingAtTheWorkersDeadlineAndNotBefore() throws Exception {
    byte[] opening = opening();
    opened(solution.root(), Manifest.of(opening).id());
    assertThrows(CannotTell.class, () -> witness.look(FACT));
    now = DEADLINE - 1;
    assertThrows(CannotTell.class, () -> witness.look(FACT));
    now = DEADLINE;
    assertEquals(Verdict.MISSING, verdict());

    put(opening);
    assertEquals(Verdict.RIGHT, verdict());
  }

  @Test
  void nothingIsSaidOfAChallengeThatIsOver() {
    assertThrows(CannotTell.class, () -> witness.look(FACT));
  }

  private byte[] opening() throws Exception {
    return solution.opening(HardwareChallenge.digest(DRAW));
  }

  private Digest put(byte[] content) {
    return grid.store("worker:test", content);
  }

  private void opened(io.shardex.training.commitment.Digest root, Digest blob) {
    LiveChallenge.Answer answer = new LiveChallenge.Answer(HardwareChallenge.digest(root), 5, 1);
    live =
        Optional.of(
            new LiveChallenge(
                CHALLENGE, 0, DEADLINE, Optional.of(answer), Optional.of(DRAW), Optional.of(blob)));
  }

  private Verdict verdict() throws CannotTell {
    Witness.Statement said = witness.look(FACT);
    assertEquals(FACT, said.fact());
    return ((FactValue.Judged) said.value()).verdict();
  }
}
