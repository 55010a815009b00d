package io.shardex.worker.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.worker.FakeNetwork;
import io.shardex.worker.link.LinkFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final int TRIES = 12;

  /** The pauses of a call that fails until it was tried often enough, in milliseconds. */
  private static List<Long> pauses() throws Exception {
    List<Long> pauses = new ArrayList<>();
    Patience patience = new Patience(() -> false, time -> pauses.add(time.toMillis()));
    assertEquals(
        "answer",
        patience.call(
            () -> {
              if (pauses.size() < TRIES) {
                throw FakeNetwork.trouble();
              }
              return "answer";
            }));
    return pauses;
  }

  @Test
  void pausesGrowToABoundAndWorkersThatLostANodeTogetherDoNotComeBackTogether() throws Exception {
    List<Long> one = pauses();
    for (int i = 0; i < TRIES; i++) {
      long full = 50L << Math.min(i, 6);
      assertTrue(full / 2 <= one.get(i) && one.get(i) <= full, one.get(i) + " of " + full);
    }
    assertNotEquals(one, pauses());
  }

  @Test
  void nothingIsAskedAgainOnceTheLeaseIsOver() {
    Patience patience = new Patience(() -> true, time -> {});
    assertThrows(
        InterruptedException.class,
        () ->
            patience.call(
                () -> {
                  throw FakeNetwork.trouble();
                }));
  }

  @Test
  void whatCanNeverBeHadIsAFailureAtOnce() {
    Patience patience = new Patience(() -> false, time -> {});
    LeaseFailure failure =
        assertThrows(
            LeaseFailure.class,
            () ->
                patience.call(
                    () -> {
                      throw LinkFailure.lasting(new IOException("too long"));
                    }));
    assertEquals("too long", failure.getMessage());
  }
}
