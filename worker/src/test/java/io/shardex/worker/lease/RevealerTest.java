package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.Envelope;
import io.shardex.market.JobId;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.Seals;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.protocol.key.Nonces;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.FakeNetwork;
import io.shardex.worker.TestJob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class RevealerTest {
  private static final SigningKey KEY = SigningKey.fromSeed(1, "worker");
  private static final NetworkId NETWORK = NetworkId.of(TestJob.NETWORK);
  private static final TaskId TRAINING = new TaskId(new JobId(Digest.sha256(new byte[] {1})), 2, 3);
  private static final TaskId AUDIT = TRAINING.audit(6);

  @TempDir private Path home;
  private final FakeNetwork network = new FakeNetwork();
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private LeaseFolder folder;
  private Revealer revealer;

  // JUnit fills the folder in and calls the method below before each test.
  @SuppressWarnings("NullAway.Init")
  RevealerTest() {}

  @BeforeEach
  void start() throws IOException {
    InstantSource clock = InstantSource.system();
    folder =
        LeaseFolder.open(
            home.resolve("w"),
            network,
            TestJob.NETWORK,
            CacheFolder.open(home.resolve("cache"), 1L << 20, clock),
            256);
    revealer =
        new Revealer(
            new LeaseRunner.Author(
                KEY, new EnvelopeSigner(KEY, TestJob.NETWORK, new Nonces(clock), clock), NETWORK),
            network,
            folder,
            time -> {});
    said.start();
    logger().addAppender(said);
  }

  @AfterEach
  void stop() throws IOException {
    logger().detachAppender(said);
    revealer.close();
    folder.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(Revealer.class);
  }

  private void restart() throws IOException {
    stop();
    start();
  }

  /** Puts a commitment into the journal, as the lease's runner does. */
  private Commitment committed(TaskId task, long fence) throws IOException {
    Digest root = Digest.sha256(new byte[] {2, (byte) fence});
    Digest shown = Digest.sha256(new byte[] {3, (byte) fence});
    Commitment made =
        new Commitment(
            task,
            fence,
            OptionalInt.empty(),
            shown,
            root,
            Seal.of(KEY, NETWORK, task, fence, root, shown),
            Digest.ZERO);
    folder.journal().commit(made);
    return made;
  }

  private Command.Reveal revealed() throws InterruptedException {
    return assertInstanceOf(Command.Reveal.class, network.nextCommand());
  }

  private static void assertOpens(Commitment made, Command.Reveal reveal) {
    assertEquals(made.task(), reveal.task());
    assertEquals(made.fence(), reveal.fence());
    assertEquals(made.root(), reveal.root());
    assertEquals(made.shown(), reveal.shown());
    assertEquals(
        made.seal(),
        Seals.seal(
            TestJob.NETWORK.chainId(),
            TestJob.NETWORK.settlement(),
            reveal.task(),
            reveal.fence(),
            KEY.address(),
            reveal.root(),
            reveal.shown(),
            reveal.salt()));
  }

  @Test
  void sealsOfATrainingAndOfAnAuditOpenToWhatTheJournalSays() throws Exception {
    Commitment training = committed(TRAINING, 4);
    Commitment audit = committed(AUDIT, 1);

    revealer.reveal(TRAINING, 4);
    assertOpens(training, revealed());
    revealer.reveal(AUDIT, 1);
    assertOpens(audit, revealed());
  }

  @Test
  void aSealOfBeforeARestartIsOpened() throws Exception {
    Commitment made = committed(TRAINING, 4);
    restart();

    revealer.reveal(TRAINING, 4);

    assertOpens(made, revealed());
  }

  @Test
  void troubleIsWaitedOutWithTheSameEnvelope() throws Exception {
    committed(TRAINING, 4);
    AtomicInteger tries = new AtomicInteger();
    network.answer(
        command -> {
          if (tries.incrementAndGet() < 4) {
            throw FakeNetwork.trouble();
          }
          return FakeNetwork.accepted();
        });

    revealer.reveal(TRAINING, 4);

    for (int i = 0; i < 4; i++) {
      revealed();
    }
    List<Envelope> sent = network.envelopes();
    assertEquals(4, sent.size());
    assertEquals(1, sent.stream().distinct().count());
  }

  @Test
  void askedAgainWhileItIsUnderWayItDoesNothingTwiceButAnswersLater() throws Exception {
    committed(TRAINING, 4);
    committed(AUDIT, 1);
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    network.answer(
        command -> {
          sending.countDown();
          await(asked);
          return FakeNetwork.accepted();
        });
    revealer.reveal(TRAINING, 4);
    await(sending);

    revealer.reveal(TRAINING, 4);
    revealer.reveal(AUDIT, 1);
    revealer.reveal(AUDIT, 1);
    asked.countDown();

    assertEquals(TRAINING, revealed().task());
    assertEquals(AUDIT, revealed().task());
    // The answer was lost: the market asks once more. One thread sends, so nothing came between.
    revealer.reveal(TRAINING, 4);
    assertEquals(TRAINING, revealed().task());
    assertEquals(3, network.envelopes().size());
  }

  @Test
  void aSealThatTheJournalLacksIsToldAndTheNextOneIsOpened() throws Exception {
    Commitment made = committed(TRAINING, 4);

    revealer.reveal(TRAINING, 5);
    revealer.reveal(AUDIT, 1);
    revealer.reveal(TRAINING, 4);

    assertOpens(made, revealed());
    assertEquals(1, network.envelopes().size());
    List<String> errors = said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    assertEquals(
        List.of(
            "asked to open the seal of %s with fence 5, which is not in the journal"
                .formatted(TRAINING),
            "asked to open the seal of %s with fence 1, which is not in the journal"
                .formatted(AUDIT)),
        errors);
  }

  @Test
  void aRefusedSealIsNotSentAgain() throws Exception {
    committed(TRAINING, 4);
    Commitment audit = committed(AUDIT, 1);
    network.answer(
        command ->
            command instanceof Command.Reveal reveal && reveal.task().equals(TRAINING)
                ? FakeNetwork.rejected(Reason.NOTHING_TO_REVEAL)
                : FakeNetwork.accepted());

    revealer.reveal(TRAINING, 4);
    revealer.reveal(AUDIT, 1);

    assertEquals(TRAINING, revealed().task());
    assertOpens(audit, revealed());
    assertEquals(2, network.envelopes().size());
  }

  @Test
  void aClosedRevealerTakesNothingMoreAndBlamesNobody() throws Exception {
    committed(TRAINING, 4);
    CountDownLatch tried = new CountDownLatch(3);
    network.answer(
        command -> {
          tried.countDown();
          throw FakeNetwork.trouble();
        });
    revealer.reveal(TRAINING, 4);
    await(tried);

    revealer.close();
    revealer.reveal(AUDIT, 1);

    assertTrue(said.list.isEmpty(), said.list.toString());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
