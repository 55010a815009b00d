package io.shardex.scheduler.settle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardex.market.JobId;
import io.shardex.market.state.SealedBatch;
import io.shardex.protocol.job.JobRefused;
import io.shardex.scheduler.StillActors;
import io.shardex.scheduler.attest.TinyJob;
import io.shardex.scheduler.grid.BlobQuota;
import io.shardex.scheduler.grid.MapGrid;
import io.shardex.scheduler.replica.TwoNodes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over batches that close cancelled jobs. */
class SettlementOutboxTest {
  private static final long TURN = 4_000;
  private static final long AGAIN = 10_000;

  private final StillActors actors = new StillActors();
  private final TwoNodes nodes = new TwoNodes();
  private final TinyJob tiny =
      new TinyJob(
          nodes, new MapGrid(new BlobQuota(1 << 24, 1 << 25), Duration.ofHours(1), nodes::now));
  private final List<Long> sent = new ArrayList<>();
  private final Queue<Runnable> underWay = new ArrayDeque<>();
  private boolean down;

  SettlementOutboxTest() throws JobRefused {}

  @AfterEach
  void close() {
    actors.close();
  }

  @Test
  void itSendsABatchOnceItIsSigned() {
    ActorRef<SettlementOutbox.Message> outbox = outbox(Runnable::run, 0);
    sealedBatch();
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(AGAIN);
    assertEquals(List.of(), sent);

    SealedBatch batch = nodes.signsBatch();
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(1);

    assertEquals(List.of(batch.batch().id()), sent);
  }

  @Test
  void aBatchThatWasSignedBeforeItsStartIsSentToo() {
    SealedBatch batch = signedBatch();
    ActorRef<SettlementOutbox.Message> unused = outbox(Runnable::run, 0);
    actors.pass(1);
    assertEquals(List.of(batch.batch().id()), sent);
  }

  @Test
  void itWaitsItsTurn() {
    SealedBatch batch = signedBatch();
    ActorRef<SettlementOutbox.Message> outbox = outbox(Runnable::run, TURN);
    actors.pass(TURN / 2);
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(TURN / 2 - 1);
    assertEquals(List.of(), sent);
    actors.pass(1);
    assertEquals(List.of(batch.batch().id()), sent);
  }

  @Test
  void aBatchThatAnotherNodeGotThroughInItsTurnIsNotSent() {
    SealedBatch batch = signedBatch();
    ActorRef<SettlementOutbox.Message> outbox = outbox(Runnable::run, TURN);
    actors.pass(TURN - 1);
    nodes.settles(batch);
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(10 * AGAIN);
    assertEquals(List.of(), sent);
  }

  @Test
  void itSendsOnlyTheNewestOfSeveral() {
    SealedBatch older = signedBatch();
    SealedBatch newer = signedBatch();
    assertEquals(older.batch().id() + 1, newer.batch().id());
    ActorRef<SettlementOutbox.Message> unused = outbox(Runnable::run, TURN);
    actors.pass(TURN);
    actors.pass(AGAIN);
    assertEquals(List.of(newer.batch().id(), newer.batch().id()), sent);
  }

  @Test
  void aNewerBatchTakesTheTurnOfAnOlder() {
    SealedBatch older = signedBatch();
    ActorRef<SettlementOutbox.Message> outbox = outbox(Runnable::run, TURN);
    actors.pass(TURN - 1);
    SealedBatch newer = signedBatch();
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(TURN);
    assertEquals(List.of(newer.batch().id()), sent, () -> "older: " + older.batch().id());
  }

  @Test
  void itRepeatsUntilTheConfirmationIsInTheLog() {
    SealedBatch batch = signedBatch();
    long id = batch.batch().id();
    ActorRef<SettlementOutbox.Message> outbox = outbox(Runnable::run, TURN);
    actors.pass(TURN);
    actors.pass(AGAIN - 1);
    outbox.tell(new SettlementOutbox.Changed());
    assertEquals(List.of(id), sent);
    actors.pass(1);
    assertEquals(List.of(id, id), sent);

    nodes.settles(batch);
    outbox.tell(new SettlementOutbox.Changed());
    actors.pass(10 * AGAIN);

    assertEquals(List.of(id, id), sent);
  }

  @Test
  void aChainThatIsAwayIsTriedAgain() {
    SealedBatch batch = signedBatch();
    long id = batch.batch().id();
    down = true;
    ActorRef<SettlementOutbox.Message> unused = outbox(Runnable::run, 0);
    actors.pass(1);
    actors.pass(AGAIN);
    assertEquals(List.of(id, id), sent);
    down = false;
    actors.pass(AGAIN);
    assertEquals(List.of(id, id, id), sent);
  }

  @Test
  void aBatchSignedWhileAnOlderIsOnItsWayIsSentInItsTurn() {
    SealedBatch older = signedBatch();
    ActorRef<SettlementOutbox.Message> outbox = outbox(underWay::add, TURN);
    actors.pass(TURN);
    SealedBatch newer = signedBatch();
    outbox.tell(new SettlementOutbox.Changed());
    underWay.remove().run();
    assertEquals(List.of(older.batch().id()), sent);
    actors.pass(TURN);
    underWay.forEach(Runnable::run);
    assertEquals(List.of(older.batch().id(), newer.batch().id()), sent);
  }

  private ActorRef<SettlementOutbox.Message> outbox(Executor calls, long turnMillis) {
    return actors.spawn(
        SettlementOutbox.create(nodes.first, this::settle, calls, Duration.ofMillis(turnMillis)));
  }

  private void settle(SealedBatch batch) {
    sent.add(batch.batch().id());
    if (down) {
      throw new IllegalStateException("as the test says");
    }
  }

  private SealedBatch signedBatch() {
    sealedBatch();
    return nodes.signsBatch();
  }

  /** A job is cancelled before it was funded; its money is to go back. */
  private void sealedBatch() {
    JobId job = nodes.submitted(tiny.spec, tiny.terms());
    nodes.cancels(job);
    nodes.beat();
  }
}
