package io.shardex.scheduler.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.scheduler.events.Committed.Happened;
import io.shardex.scheduler.events.Committed.Resync;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommittedEventsTest {
  private static final int KEPT = 5;
  private static final int QUEUED = 3;

  private final CommittedEvents events = new CommittedEvents(KEPT, QUEUED);
  private final BlockingQueue<Committed> heard = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void aReaderHearsEveryCommandInLogOrder() {
    events.subscribe(heard::add);
    for (int index = 0; index < 50; index++) {
      events.publish(command(index, 0));
      assertEquals(command(index, 0), next());
      events.publish(command(index, 1));
      assertEquals(command(index, 1), next());
    }
  }

  @Test
  void aReaderResumesAfterTheIndexItKnows() {
    publish(0, 4);
    events.subscribe(2, heard::add);
    assertEquals(List.of(command(3, 0), command(4, 0)), List.of(next(), next()));
  }

  @Test
  void aReaderFromTheStartHearsAllThatIsKept() {
    publish(0, 2);
    events.subscribe(-1, heard::add);
    assertEquals(
        List.of(command(0, 0), command(1, 0), command(2, 0)), List.of(next(), next(), next()));
  }

  @Test
  void aReaderWithoutAnIndexHearsOnlyWhatIsNew() {
    publish(0, 2);
    events.subscribe(heard::add);
    publish(3, 3);
    assertEquals(command(3, 0), next());
  }

  @Test
  void aReaderWhoseIndexIsNoLongerKeptIsResynced() {
    publish(0, 9); // 5 to 9 are kept
    events.subscribe(3, heard::add);
    assertEquals(new Resync(9), next());
    publish(10, 10);
    assertEquals(command(10, 0), next());
  }

  @Test
  void theOldestKeptIndexNeedsNoResync() {
    publish(0, 6); // 2 to 6 are kept
    events.subscribe(4, heard::add);
    assertEquals(List.of(command(5, 0), command(6, 0)), List.of(next(), next()));
  }

  @Test
  void aReaderFromTheFutureIsResynced() {
    publish(0, 2);
    events.subscribe(7, heard::add);
    assertEquals(new Resync(2), next());
  }

  @Test
  void aSlowReaderIsResyncedAndNeverHoldsThePublisherUp() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    events.subscribe(
        committed -> {
          heard.add(committed);
          entered.countDown();
          awaited(released);
        });
    publish(0, 0);
    entered.await();
    publish(1, 4); // returns although nobody reads: three wait, the fourth is too much
    released.countDown();
    assertEquals(List.of(command(0, 0), new Resync(4)), List.of(next(), next()));
    publish(5, 5);
    assertEquals(command(5, 0), next());
  }

  @Test
  void aSlowReaderDelaysNoOther() {
    CountDownLatch released = new CountDownLatch(1);
    events.subscribe(committed -> awaited(released));
    events.subscribe(heard::add);
    publish(0, 0);
    assertEquals(command(0, 0), next());
    released.countDown();
  }

  @Test
  void aSnapshotResyncsEveryReader() {
    events.subscribe(heard::add);
    events.resync(40);
    assertEquals(new Resync(40), next());
    events.subscribe(12, heard::add);
    assertEquals(new Resync(40), next());
    publish(41, 41);
    assertEquals(List.of(command(41, 0), command(41, 0)), List.of(next(), next()));
  }

  @Test
  void aReaderThatThrowsGoesOnWithTheNextCommand() {
    events.subscribe(
        committed -> {
          heard.add(committed);
          if (committed.index() == 0) {
            throw new IllegalStateException("as the test says");
          }
        });
    publish(0, 1);
    assertEquals(List.of(command(0, 0), command(1, 0)), List.of(next(), next()));
  }

  @Test
  void aClosedReaderHearsNothingMore() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    CommittedEvents.Subscription subscription =
        events.subscribe(
            committed -> {
              heard.add(committed);
              entered.countDown();
              awaited(released);
              left.countDown();
            });
    publish(0, 2);
    entered.await();
    subscription.close();
    publish(3, 3);
    released.countDown();
    left.await();
    events.subscribe(3, heard::add);
    publish(4, 4);
    assertEquals(List.of(command(0, 0), command(4, 0)), List.of(next(), next()));
    assertTrue(heard.isEmpty());
  }

  private void publish(int from, int to) {
    IntStream.rangeClosed(from, to).forEach(index -> events.publish(command(index, 0)));
  }

  private static Happened command(long index, int offset) {
    return new Happened(index, offset, List.of());
  }

  private Committed next() {
    try {
      Committed next = heard.poll(30, TimeUnit.SECONDS);
      assertNotNull(next, "nothing came");
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
