package io.shardex.scheduler.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.TaskId;
import io.shardex.scheduler.StillActors;
import io.shardex.scheduler.attest.Witness.CannotTell;
import io.shardex.scheduler.attest.Witness.Statement;
import io.shardex.scheduler.replica.LocalLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over the one question that a new network has: what blocks 1 to 10 hold. */
class AttestorTest {
  private static final Fact.ChainRange RANGE = new Fact.ChainRange(1, 10);
  private static final FactValue NOTHING = new FactValue.ChainPage(10, LocalLog.NOW, List.of());
  private static final long AGAIN = 500;

  private final StillActors actors = new StillActors();
  private final LocalLog log = new LocalLog();
  private final List<String> counted = new ArrayList<>();
  private int looks;
  private boolean caughtUp = true;

  @BeforeEach
  void aQuestionIsOpen() {
    log.born();
    log.fellowBeats(10);
    beat();
    log.said.clear();
  }

  @AfterEach
  void close() {
    actors.close();
  }

  @Test
  void itAttestsAnOpenFactOnceInAView() {
    ActorRef<Attestor.Message> attestor = attestor(range -> new Statement(range, NOTHING));
    assertEquals(List.of(new Command.Attest(RANGE, 0, NOTHING)), log.said);
    attestor.tell(new Attestor.Changed());
    actors.pass(10 * AGAIN);
    attestor.tell(new Attestor.Changed());
    assertEquals(1, log.said.size());
    assertEquals(List.of("attested"), counted);
  }

  @Test
  void itLooksAtNothingBeforeItHasCaughtUp() {
    caughtUp = false;
    ActorRef<Attestor.Message> attestor =
        attestor(
            range -> {
              looks++;
              return new Statement(range, NOTHING);
            });
    attestor.tell(new Attestor.Changed());
    actors.pass(10 * AGAIN);
    assertEquals(0, looks);
    caughtUp = true;
    attestor.tell(new Attestor.Changed());
    assertEquals(List.of(new Command.Attest(RANGE, 0, NOTHING)), log.said);
  }

  @Test
  void itLooksAgainAfterItCouldNotTell() {
    ActorRef<Attestor.Message> attestor =
        attestor(
            range -> {
              looks++;
              if (looks < 3) {
                throw new CannotTell("as the test says");
              }
              return new Statement(range, NOTHING);
            });
    attestor.tell(new Attestor.Changed());
    assertEquals(1, looks);
    actors.pass(AGAIN);
    actors.pass(AGAIN);
    assertEquals(3, looks);
    assertEquals(List.of(new Command.Attest(RANGE, 0, NOTHING)), log.said);
    assertEquals(List.of("could not tell", "could not tell", "attested"), counted);
  }

  @Test
  void whatCannotBeToldHoldsNothingElseUp() {
    List<Fact> asked = jobsAreAskedAbout(9);
    Fact last = asked.getLast();
    ActorRef<Attestor.Message> unused =
        attestor(
            range -> new Statement(range, NOTHING),
            job -> {
              looks++;
              if (!job.equals(last)) {
                throw new CannotTell("as the test says");
              }
              return new Statement(job, new FactValue.TermsHold(Digest.ZERO));
            });

    assertEquals(
        List.of(new Command.Attest(last, 0, new FactValue.TermsHold(Digest.ZERO))), log.said);
    assertEquals(9, looks);
    actors.pass(AGAIN);
    assertEquals(9 + 8, looks);
  }

  /** Questions about the terms of jobs of the other validator, in the order they are looked at. */
  private List<Fact> jobsAreAskedAbout(int jobs) {
    List<JobId> ids =
        IntStream.range(0, jobs)
            .mapToObj(i -> new JobId(Digest.sha256(new byte[] {(byte) i})))
            .toList();
    log.deposited(ids);
    ids.forEach(log::submitted);
    log.said.clear();
    List<Fact> asked =
        log.replica.read(state -> List.copyOf(state.facts().keySet())).stream()
            .filter(Fact.TermsOf.class::isInstance)
            .toList();
    assertEquals(jobs, asked.size());
    return asked;
  }

  @Test
  void aWitnessThatFailsIsAskedAgain() {
    ActorRef<Attestor.Message> unused =
        attestor(
            range -> {
              looks++;
              throw new IllegalStateException("as the test says");
            });
    actors.pass(AGAIN);
    assertEquals(2, looks);
    assertEquals(List.of(), log.said);
  }

  @Test
  void whatALookBringsUpIsAttestedInsteadAndTheFactIsLookedAtAgain() {
    Fact unusable = new Fact.ResultUnusable(new TaskId(new JobId(Digest.ZERO), 1, 0), 1);
    FactValue missing = new FactValue.Unusable(FactValue.Flaw.MISSING);
    ActorRef<Attestor.Message> unused =
        attestor(
            range ->
                looks++ == 0 ? new Statement(unusable, missing) : new Statement(range, NOTHING));
    assertEquals(List.of(new Command.Attest(unusable, 0, missing)), log.said);
    actors.pass(AGAIN);
    assertEquals(new Command.Attest(RANGE, 0, NOTHING), log.said.getLast());
  }

  @Test
  void aVoteThatTheLogRefusesIsRepeated() {
    log.refuses(true);
    ActorRef<Attestor.Message> unused = attestor(range -> new Statement(range, NOTHING));
    log.refuses(false);
    actors.pass(AGAIN);
    assertEquals(2, log.said.size());
    actors.pass(10 * AGAIN);
    assertEquals(2, log.said.size());
  }

  @Test
  void aVoteIsNotRepeatedWhileThisReplicaDoesNotHoldItYet() {
    log.lags(true);
    ActorRef<Attestor.Message> attestor =
        attestor(
            range -> {
              if (++looks > 3) {
                throw new CannotTell("it has looked often enough to fail");
              }
              return new Statement(range, NOTHING);
            });
    attestor.tell(new Attestor.Changed());
    assertEquals(1, log.said.size());
    log.lags(false);
    attestor.tell(new Attestor.Changed());
    actors.pass(10 * AGAIN);
    assertEquals(1, log.said.size());
    assertEquals(1, looks);
  }

  @Test
  void aFactThatIsSettledWhileItIsLookedAtIsNotAttested() {
    Command.Attest vote = new Command.Attest(RANGE, 0, NOTHING);
    ActorRef<Attestor.Message> unused =
        attestor(
            range -> {
              log.fellow(vote);
              var unusedVote = log.voice.say(vote).join();
              return new Statement(range, NOTHING);
            });
    assertEquals(List.of(vote), log.said);
    assertEquals(List.of(), counted);
  }

  @Test
  void itAttestsNoMoreOnceAFellowHoldsAnotherLog() {
    log.fellowBeats(10, 1, Digest.sha256(new byte[] {1}));
    ActorRef<Attestor.Message> attestor = attestor(range -> new Statement(range, NOTHING));
    attestor.tell(new Attestor.Changed());
    actors.pass(10 * AGAIN);
    assertEquals(List.of(), log.said);
    assertEquals(List.of("forked"), counted);
  }

  private void beat() {
    var unused =
        log.voice.say(new Command.Beat(0, LocalLog.NOW, 10, 0, hash(), Optional.empty())).join();
  }

  private Digest hash() {
    return log.replica.hashAt(0).orElseThrow();
  }

  private ActorRef<Attestor.Message> attestor(Witness<Fact.ChainRange> chain) {
    return attestor(chain, AttestorTest::unasked);
  }

  private ActorRef<Attestor.Message> attestor(
      Witness<Fact.ChainRange> chain, Witness<Fact.TermsOf> terms) {
    Witnesses witnesses =
        new Witnesses(
            chain,
            terms,
            AttestorTest::unasked,
            AttestorTest::unasked,
            AttestorTest::unasked,
            AttestorTest::unasked,
            AttestorTest::unasked,
            AttestorTest::unasked);
    return actors.spawn(
        Attestor.create(
            log.replica, log.voice, witnesses, Runnable::run, () -> caughtUp, new Count()));
  }

  private static Statement unasked(Fact fact) {
    throw new AssertionError("nobody asks about " + fact);
  }

  private final class Count implements Attestor.AttestationCount {
    @Override
    public void attested(Fact fact) {
      counted.add("attested");
    }

    @Override
    public void couldNotTell(Fact fact) {
      counted.add("could not tell");
    }

    @Override
    public void forked() {
      counted.add("forked");
    }
  }
}
