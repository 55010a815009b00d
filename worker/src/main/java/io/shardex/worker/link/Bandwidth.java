package io.shardex.worker.link;

import io.shardex.protocol.client.BlobClient;
import io.shardex.protocol.client.BlobProgress;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A bound on the bytes of blobs that an agent moves in a second, in and out together. All its slots
 * share it. What has been moved is paid for by waiting before more is taken; the wire's own flow
 * control holds the other side back meanwhile. Safe for many threads.
 */
public final class Bandwidth {
  /** At most a lease's inputs or its result, a checkpoint, and the opening of a proof at once. */
  private static final int TRANSFERS_PER_SLOT = 3;

  /** As fast as the line goes. */
  public static final Bandwidth UNBOUNDED = new Bandwidth(OptionalLong.empty());

  /** What may be moved at once after a pause. */
  private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final int KIB_BITS = 10;

  private final OptionalLong bytesPerSecond;
  private long freeAtNanos = System.nanoTime();

  private Bandwidth(OptionalLong bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * A bound.
   *
   * @throws IllegalArgumentException if it is less than one slot needs
   */
  public static Bandwidth of(long bytesPerSecond) {
    Bandwidth bandwidth = new Bandwidth(OptionalLong.of(bytesPerSecond));
    bandwidth.requireEnoughFor(1);
    return bandwidth;
  }

  /**
   * Checks that all transfers of so many slots, side by side, can stay within their deadlines.
   *
   * @throws IllegalArgumentException if they cannot; names the least that would do
   */
  public void requireEnoughFor(int slots) {
    long least = BlobClient.SLOWEST * TRANSFERS_PER_SLOT * slots;
    if (bytesPerSecond.isPresent() && bytesPerSecond.getAsLong() < least) {
      throw new IllegalArgumentException(
          "'bandwidth': expected at least %d KiB for %d slots, but it is %d bytes a second"
              .formatted(least >> KIB_BITS, slots, bytesPerSecond.getAsLong()));
    }
  }

  /** Waits until these bytes, which were moved just now, fit the bound, or it is interrupted. */
  void moved(long bytes) {
    if (bytesPerSecond.isEmpty()) {
      return;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(waitNanos(bytes, System.nanoTime()));
    } catch (InterruptedException e) {
      // The transfer's next call sees it.
      Thread.currentThread().interrupt();
    }
  }

  /** How long to wait for bytes that were moved, if it is {@code nowNanos}. */
  synchronized long waitNanos(long bytes, long nowNanos) {
    if (freeAtNanos - nowNanos < -BURST_NANOS) {
      freeAtNanos = nowNanos - BURST_NANOS;
    }
    freeAtNanos +=
        Math.round((double) bytes / bytesPerSecond.orElseThrow() * TimeUnit.SECONDS.toNanos(1));
    return Math.max(0, freeAtNanos - nowNanos);
  }

  /** Paces one transfer, and tells {@code then} of it. */
  BlobProgress pacing(BlobProgress then) {
    return new BlobProgress() {
      private long knownBytes = -1;

      @Override
      public void at(long doneBytes, long totalBytes) {
        then.at(doneBytes, totalBytes);
        // The first counts what was there before; at another node it may be less than was moved.
        if (knownBytes >= 0 && doneBytes > knownBytes) {
          moved(doneBytes - knownBytes);
        }
        knownBytes = doneBytes;
      }
    };
  }
}
