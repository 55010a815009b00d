package io.shardex.scheduler.gateway;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A budget that refills steadily up to one second's worth. It may go into debt by one use: a use is
 * refused only while the bucket is empty, so that one larger than the bucket is possible at all.
 */
final class TokenBucket {
  private static final long MILLIS = 1_000;

  private final long perSecond;
  private final InstantSource clock;
  private long thousandths;
  private long filledMillis;

  TokenBucket(long perSecond, InstantSource clock) {
    this.perSecond = perSecond;
    this.clock = clock;
    this.thousandths = perSecond * MILLIS;
    this.filledMillis = clock.millis();
  }

  /** Takes the tokens, or says how long to wait for the next. */
  synchronized Optional<Duration> take(long tokens) {
    refill();
    if (thousandths <= 0) {
      return Optional.of(Duration.ofMillis(1 - thousandths / perSecond));
    }
    thousandths -= tokens * MILLIS;
    return Optional.empty();
  }

  /** Takes the tokens whatever is there. */
  synchronized void charge(long tokens) {
    refill();
    thousandths -= tokens * MILLIS;
  }

  private void refill() {
    long now = clock.millis();
    long passed = Math.clamp(now - filledMillis, 0, 3_600_000);
    thousandths = Math.min(perSecond * MILLIS, thousandths + passed * perSecond);
    filledMillis = now;
  }
}
