package io.shardex.protocol.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  @Test
  void pausesDoubleUpToABoundAndStartAnew() {
    Backoff backoff = new Backoff(new SplittableRandom(1));
    for (long full = 50; full <= 3_200; full *= 2) {
      within(full, backoff.next().toMillis());
    }
    within(3_200, backoff.next().toMillis());
    backoff.reset();
    within(50, backoff.next().toMillis());
  }

  private static void within(long full, long pause) {
    assertTrue(full / 2 <= pause && pause <= full, pause + " of " + full);
  }
}
