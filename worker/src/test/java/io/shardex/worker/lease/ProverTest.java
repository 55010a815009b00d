package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Rejection.Reason;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.training.proof.OpeningCheck;
import io.shardex.training.proof.ReferenceChain;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ProverTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final Challenge CHALLENGE =
      new Challenge(Digest.sha256(new byte[] {1}), 16, 12, 8, 20);

  private static final Challenge OTHER =
      new Challenge(Digest.sha256(new byte[] {4}), 16, 12, 8, 20);

  /** Takes minutes. */
  private static final Challenge LONG =
      new Challenge(Digest.sha256(new byte[] {3}), 512, 1 << 16, 0, 0);

  private static final long DUE = 60_000;
  private static final Digest DRAW = Digest.sha256(new byte[] {2});

  private final FakeNetwork network = new FakeNetwork();
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private Binding binding = Binding.ANYWHERE;
  private Prover prover = prover();

  @BeforeEach
  void listen() {
    said.start();
    ((Logger) LoggerFactory.getLogger(Prover.class)).addAppender(said);
  }

  @AfterEach
  void stop() {
    prover.close();
    ((Logger) LoggerFactory.getLogger(Prover.class)).detachAppender(said);
  }

  private Prover prover() {
    InstantSource clock = InstantSource.system();
    return new Prover(
        new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock),
        network,
        ReferenceChain::new,
        2,
        () -> binding.bindThisThread(),
        time -> {});
  }

  @Test
  void anAnswerIsOpenedWhereTheDrawSaysAndHolds() throws Exception {
    prover.prove(CHALLENGE, Optional.empty(), DUE);
    Command.AnswerChallenge answer = answer();
    prover.prove(CHALLENGE, Optional.of(DRAW), DUE);
    Command.OpenChallenge open = open();
    awaitUploads(1);

    assertEquals(CHALLENGE.seed(), answer.challenge());
    assertEquals(CHALLENGE.seed(), open.challenge());
    assertEquals(List.of(open.opening()), network.uploaded());
    assertDoesNotThrow(
        () ->
            OpeningCheck.check(
                HardwareChallenge.of(CHALLENGE),
                HardwareChallenge.digest(answer.root()),
                HardwareChallenge.digest(DRAW),
                network.stored(open.opening())));
  }

  @Test
  void anAgentThatWasRestartedOpensTheAnswerItGaveBefore() throws Exception {
    prover.prove(CHALLENGE, Optional.empty(), DUE);
    Command.AnswerChallenge answer = answer();
    prover.close();
    prover = prover();
    // It had said so before, too; the market takes nothing twice, but the blob must come.
    network.answer(command -> FakeNetwork.rejected(Reason.NO_CHALLENGE));

    prover.prove(CHALLENGE, Optional.of(DRAW), DUE);

    Command.OpenChallenge open = open();
    awaitUploads(1);
    assertDoesNotThrow(
        () ->
            OpeningCheck.check(
                HardwareChallenge.of(CHALLENGE),
                HardwareChallenge.digest(answer.root()),
                HardwareChallenge.digest(DRAW),
                network.stored(open.opening())));
  }

  @Test
  void aLineThatIsDownForAWhileCostsNoAnswer() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    network.answer(
        command -> {
          if (tries.incrementAndGet() < 3) {
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });

    prover.prove(CHALLENGE, Optional.empty(), DUE);

    assertEquals(answer(), answer());
    assertEquals(CHALLENGE.seed(), answer().challenge());
    assertEquals(3, tries.get());
  }

  @Test
  void aChallengeBeyondTheArithmeticsBoundsStopsNobody() throws Exception {
    prover.prove(new Challenge(Digest.ZERO, 1 << 20, 1, 0, 0), Optional.empty(), DUE);
    prover.prove(CHALLENGE, Optional.empty(), DUE);

    assertEquals(CHALLENGE.seed(), answer().challenge());
  }

  @Test
  void aNewerChallengeTakesTheOldersPlace() throws Exception {
    prover.prove(LONG, Optional.empty(), DUE);
    prover.prove(CHALLENGE, Optional.empty(), DUE);

    assertEquals(CHALLENGE.seed(), answer().challenge());
    assertTrue(isIdleSoon());
  }

  @Test
  void aNewerChallengeIsNotHeldUpByAnAnswerThatNobodyTakes() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.AnswerChallenge old
              && !old.challenge().equals(CHALLENGE.seed())) {
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });
    prover.prove(OTHER, Optional.empty(), DUE);
    assertEquals(OTHER.seed(), answer().challenge());

    prover.prove(CHALLENGE, Optional.empty(), DUE);

    Command.AnswerChallenge said = answer();
    while (said.challenge().equals(OTHER.seed())) {
      said = answer();
    }
    assertEquals(CHALLENGE.seed(), said.challenge());
  }

  @Test
  void whatIsTooLateIsNotEvenBegun() throws Exception {
    network.clock(DUE);
    prover.prove(OTHER, Optional.empty(), DUE);
    assertTrue(isIdleSoon());
    prover.prove(CHALLENGE, Optional.empty(), DUE + 10_000);

    assertEquals(CHALLENGE.seed(), answer().challenge());
  }

  @Test
  void anAnswerIsGivenUpAtItsDeadline() throws Exception {
    prover.prove(LONG, Optional.empty(), 2_000);

    assertTrue(isIdleSoon());
    assertEquals(List.of(), network.envelopes());
  }

  /** However slow the machine: the moved deadline is far away. */
  @Test
  void anAnswerWhoseDeadlineHasMovedGoesOn() throws Exception {
    prover.prove(LONG, Optional.empty(), 2_000);
    for (int tries = 0; network.clockReads() == 0 && tries < 3_000; tries++) {
      Thread.sleep(10);
    }
    prover.prove(LONG, Optional.empty(), 600_000);

    Thread.sleep(3_500); // past the first deadline, for which there is nothing else to wait

    assertFalse(prover.isIdle());
    assertEquals(List.of(), network.envelopes());
  }

  /** Else a gateway would take it for the result of the lease in hand. */
  @Test
  void anOpeningIsNotPutAfterItsDeadline() throws Exception {
    network.answer(
        command -> {
          if (command instanceof Command.OpenChallenge) {
            network.clock(DUE);
            return FakeNetwork.rejected(Reason.NO_CHALLENGE);
          }
          return FakeNetwork.accepted();
        });

    prover.prove(CHALLENGE, Optional.of(DRAW), DUE);

    assertEquals(CHALLENGE.seed(), open().challenge());
    assertTrue(isIdleSoon());
    assertEquals(List.of(), network.uploaded());
  }

  /** A node asks until the opening is judged, and each anew that the agent connects to. */
  @Test
  void whatWasOpenedIsNotComputedOnceMore() throws Exception {
    prover.prove(CHALLENGE, Optional.of(DRAW), DUE);
    assertEquals(CHALLENGE.seed(), open().challenge());
    awaitUploads(1);
    assertTrue(isIdleSoon());

    prover.prove(CHALLENGE, Optional.of(DRAW), DUE);
    assertTrue(prover.isIdle());
    prover.prove(OTHER, Optional.empty(), DUE);

    assertEquals(OTHER.seed(), answer().challenge());
    assertEquals(1, network.uploaded().size());
  }

  @Test
  void aChallengeForWhichThereIsNoMemoryStopsNobody() throws Exception {
    network.answer(
        command -> {
          if (network.envelopes().size() == 1) {
            throw new OutOfMemoryError("as the test says");
          }
          return FakeNetwork.accepted();
        });
    prover.prove(OTHER, Optional.empty(), DUE);
    assertEquals(OTHER.seed(), answer().challenge());
    assertTrue(isIdleSoon());
    assertTrue(
        said.list.stream().anyMatch(e -> e.getFormattedMessage().contains("more heap")),
        said.list::toString);

    prover.prove(CHALLENGE, Optional.empty(), DUE);

    assertEquals(CHALLENGE.seed(), answer().challenge());
  }

  private boolean isIdleSoon() throws InterruptedException {
    for (int tries = 0; !prover.isIdle() && tries < 300; tries++) {
      Thread.sleep(100);
    }
    return prover.isIdle();
  }

  @Test
  void aChallengeIsComputedOnTheSlotsPartOfTheMachineOrNotAtAll() throws Exception {
    List<String> threads = new CopyOnWriteArrayList<>();
    binding =
        () -> {
          threads.add(Thread.currentThread().getName());
          if (threads.size() == 1) {
            throw new IOException("processors 7 are gone");
          }
        };

    prover.prove(OTHER, Optional.empty(), DUE);
    assertTrue(isIdleSoon());
    prover.prove(CHALLENGE, Optional.empty(), DUE);

    assertEquals(CHALLENGE.seed(), answer().challenge());
    assertEquals(List.of("shardex-proof", "shardex-proof"), threads);
  }

  private void awaitUploads(int count) throws InterruptedException {
    for (int tries = 0; network.uploaded().size() < count && tries < 300; tries++) {
      Thread.sleep(100);
    }
  }

  private Command.AnswerChallenge answer() throws InterruptedException {
    return assertInstanceOf(Command.AnswerChallenge.class, network.nextCommand());
  }

  private Command.OpenChallenge open() throws InterruptedException {
    return assertInstanceOf(Command.OpenChallenge.class, network.nextCommand());
  }
}
