package io.shardex.protocol.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses that double from 50 ms to 3.2 s, each taken at random from its upper half: clients that
 * lost a node together do not come back together.
 */
public final class Backoff {
  private static final long FIRST_MILLIS = 50;
  private static final int DOUBLINGS = 6;

  private final RandomGenerator random;
  private int failures;

  public Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** How long to wait now. */
  public Duration next() {
    long full = FIRST_MILLIS << Math.min(failures++, DOUBLINGS);
    return Duration.ofMillis(full / 2 + random.nextLong(full / 2 + 1));
  }

  /** Begins with the shortest again. */
  public void reset() {
    failures = 0;
  }
}
