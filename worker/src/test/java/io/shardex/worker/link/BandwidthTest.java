package io.shardex.worker.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
    assertThrows(IllegalArgumentException.class, () -> Bandwidth.of(MIB - 1));
    assertEquals(0, Bandwidth.of(MIB).waitNanos(0, start));
  }
}
