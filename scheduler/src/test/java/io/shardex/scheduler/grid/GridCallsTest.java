package io.shardex.scheduler.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GridCallsTest {
  private final GridCalls calls = new GridCalls("node-1", Duration.ofMinutes(1));

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void aVirtualThreadsCallIsMadeOnAPlatformThread() throws Exception {
    CompletableFuture<Boolean> virtual = new CompletableFuture<>();

    Thread.ofVirtual()
        .start(() -> virtual.complete(calls.await(() -> Thread.currentThread().isVirtual())));

    assertFalse(virtual.get(1, TimeUnit.MINUTES));
  }

  @Test
  void anInterruptedCallerLeavesItsCallAlone() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Boolean> callInterrupted = new CompletableFuture<>();
    CompletableFuture<Boolean> callerInterrupted = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    calls.await(
                        () -> {
                          begun.countDown();
                          return callInterrupted.complete(!isReleased(release));
                        });
                  } catch (GridUnavailable e) {
                    callerInterrupted.complete(Thread.currentThread().isInterrupted());
                  }
                });
    begun.await();

    caller.interrupt();

    assertTrue(callerInterrupted.get(1, TimeUnit.MINUTES), "the caller still knows of it");
    release.countDown();
    assertFalse(callInterrupted.get(1, TimeUnit.MINUTES), "the call went on to its end");
  }

  @Test
  void aCallThatIsNotAnsweredEndsTheWait() {
    CountDownLatch release = new CountDownLatch(1);
    try (GridCalls impatient = new GridCalls("node-1", Duration.ofMillis(1))) {
      GridUnavailable failure =
          assertThrows(GridUnavailable.class, () -> impatient.await(() -> isReleased(release)));

      assertEquals("the grid has not answered in 0 s", failure.getMessage());
    } finally {
      release.countDown();
    }
  }

  @Test
  void aCallsOwnFailureComesBack() {
    RuntimeException failure = new IllegalStateException("the cache is closed");

    assertSame(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                calls.await(
                    () -> {
                      throw failure;
                    })));
  }

  @Test
  void nothingIsAskedOfAClosedGrid() {
    calls.close();

    assertThrows(GridUnavailable.class, () -> calls.await(() -> 1));
  }

  @Test
  void closingWaitsForWhatIsUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean done = new AtomicBoolean();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () ->
                    calls.await(
                        () -> {
                          begun.countDown();
                          LockSupport.parkNanos(200_000_000);
                          done.set(true);
                          return 1;
                        }));
    begun.await();

    calls.close();

    assertTrue(done.get());
    caller.join();
  }

  @Test
  void moreCallersThanMayWaitAreTurnedAway() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    for (int i = 0; i < 5_000; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  calls.await(() -> isReleased(release));
                } catch (GridUnavailable e) {
                  refused.complete(e);
                }
              });
    }

    String message = String.valueOf(refused.get(1, TimeUnit.MINUTES).getMessage());

    release.countDown();
    assertEquals("the grid is closed here, or has too many calls to answer", message);
  }

  private static boolean isReleased(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
