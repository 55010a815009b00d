package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.shardex.market.Challenge;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Rejection.Reason;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.proof.HardwareChallenge;
import io.shardex.training.proof.OpeningCheck;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProverTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final Challenge CHALLENGE =
      new Challenge(Digest.sha256(new byte[] {1}), 16, 12, 8, 20);
  private static final Digest DRAW = Digest.sha256(new byte[] {2});

  private final FakeNetwork network = new FakeNetwork();
  private Prover prover = prover();

  @AfterEach
  void stop() {
    prover.close();
  }

  private Prover prover() {
    InstantSource clock = InstantSource.system();
    return new Prover(
        new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock), network, 2, time -> {});
  }

  @Test
  void anAnswerIsOpenedWhereTheDrawSaysAndHolds() throws Exception {
    prover.prove(CHALLENGE, Optional.empty());
    Command.AnswerChallenge answer = answer();
    prover.prove(CHALLENGE, Optional.of(DRAW));
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
    prover.prove(CHALLENGE, Optional.empty());
    Command.AnswerChallenge answer = answer();
    stop();
    prover = prover();
    // It had said so before, too; the market takes nothing twice, but the blob must come.
    network.answer(command -> FakeNetwork.rejected(Reason.NO_CHALLENGE));

    prover.prove(CHALLENGE, Optional.of(DRAW));

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

    prover.prove(CHALLENGE, Optional.empty());

    assertEquals(answer(), answer());
    assertEquals(CHALLENGE.seed(), answer().challenge());
    assertEquals(3, tries.get());
  }

  @Test
  void aChallengeBeyondTheArithmeticsBoundsStopsNobody() throws Exception {
    prover.prove(new Challenge(Digest.ZERO, 1 << 20, 1, 0, 0), Optional.empty());
    prover.prove(CHALLENGE, Optional.empty());

    assertEquals(CHALLENGE.seed(), answer().challenge());
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
