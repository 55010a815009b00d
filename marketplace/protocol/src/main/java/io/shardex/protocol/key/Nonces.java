package io.shardex.protocol.key;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers a key uses once each, rising by one from {@code clock << 10} at the start.
 *
 * <p>The market takes a nonce above the highest it has seen, or one of the 64 below that was not
 * used: small steps let commands in flight overtake each other, and the start above the clock lets
 * a restarted signer go on without a file, as long as it signed fewer than 1,024 commands a
 * millisecond and the clock did not go back; if it did, some are skipped. One key has one source:
 * of two at a time the market refuses the older one's nonces.
 */
public final class Nonces {
  private static final int MILLIS_SHIFT = 10;

  private final AtomicLong next;

  public Nonces(InstantSource clock) {
    this.next = new AtomicLong(clock.millis() << MILLIS_SHIFT);
  }

  /** Leaves out as many as a start so much later would. */
  void skip(Duration time) {
    long unused = next.addAndGet(time.toMillis() << MILLIS_SHIFT);
  }

  /** A number larger than all before. */
  public long next() {
    return next.getAndIncrement();
  }
}
