package io.shardex.worker.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.protocol.client.BlobProgress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BandwidthTest {
  private static final long MIB = 1 << 20;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Long enough after the bound was made for the burst to have gathered. */
  private final long start = System.nanoTime() + 10 * SECOND;

  @Test
  void aSecondsBytesTakeASecondAfterTheBurst() {
    Bandwidth bandwidth = Bandwidth.of(4 * MIB);

    assertEquals(0, bandwidth.waitNanos(MIB, start));
    assertEquals(SECOND, bandwidth.waitNanos(4 * MIB, start));
  }

  @Test
  void allWhoMoveShareTheBound() {
    Bandwidth bandwidth = Bandwidth.of(4 * MIB);

    assertEquals(0, bandwidth.waitNanos(MIB, start));
    assertEquals(SECOND / 2, bandwidth.waitNanos(2 * MIB, start));
    assertEquals(SECOND / 2, bandwidth.waitNanos(2 * MIB, start + SECOND / 2));
  }

  @Test
  void aLongPauseSavesNoMoreThanTheBurst() {
    Bandwidth bandwidth = Bandwidth.of(4 * MIB);

    assertEquals(0, bandwidth.waitNanos(MIB, start));
    assertEquals(SECOND / 4, bandwidth.waitNanos(2 * MIB, start + 3_600 * SECOND));
  }

  @Test
  void lessThanTransfersNeedIsRefused() {
    long least = 384 << 10;
    assertThrows(IllegalArgumentException.class, () -> Bandwidth.of(least - 1));
    assertEquals(0, Bandwidth.of(least).waitNanos(0, start));
  }

  @Test
  void lessThanTheTransfersOfAllSlotsNeedIsRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> Bandwidth.of(MIB).requireEnoughFor(3));
    assertEquals(
        "'bandwidth': expected at least 1152 KiB for 3 slots, but it is 1048576 bytes a second",
        refused.getMessage());
    Bandwidth.of(1152 << 10).requireEnoughFor(3);
    Bandwidth.UNBOUNDED.requireEnoughFor(64);
  }

  @Test
  void aTransferIsPacedFromItsFirstByteOn() {
    long before = System.nanoTime();
    Bandwidth bandwidth = Bandwidth.of(4 * MIB);
    BlobProgress transfer = bandwidth.pacing(BlobProgress.NONE);

    // 64 MiB were there before, one is moved; at another node 60 are there, and one is moved.
    transfer.at(64 * MIB, 80 * MIB);
    transfer.at(65 * MIB, 80 * MIB);
    transfer.at(60 * MIB, 80 * MIB);
    transfer.at(61 * MIB, 80 * MIB);

    long wait = bandwidth.waitNanos(0, before);
    assertTrue(wait >= SECOND / 2 && wait < 8 * SECOND, "2 MiB fit after " + wait + " ns");
  }
}
