package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.codec.MalformedBytes;
import io.shardex.market.decide.MarketMachine;
import io.shardex.market.state.StateCodec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateBytesTest {
  private static byte[] snapshot() {
    Simulation simulation = new Simulation(11);
    simulation.wander(600);
    return StateCodec.STATE.encode(simulation.market().state());
  }

  @Test
  void aTruncatedSnapshotIsMalformed() {
    byte[] bytes = snapshot();
    for (int length = 0; length < bytes.length; length += 1 + length / 50) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(MalformedBytes.class, () -> MarketMachine.restored(cut));
    }
  }

  @Test
  void aReplicaFromASnapshotKnowsWhoHasADeposit() {
    TestMarket market = TestMarket.open();
    TestJob job = market.job("j").deposited();
    MarketMachine restored = MarketMachine.restored(StateCodec.STATE.encode(market.state().copy()));
    assertTrue(restored.state().knows(Parties.builder(0)));
    Envelope submission =
        market.envelope(Parties.builder(0), new Command.SubmitJob(job.id(), job.terms()));
    TestMarket.accepted(
        restored.apply(submission, Author.of(Parties.builder(0)), new Stamp(1_000, 0)));
  }

  @Test
  void aGarbledSnapshotIsMalformedOrTheOneEncodingOfAnotherState() {
    byte[] bytes = snapshot();
    Random random = new Random(12);
    for (int i = 0; i < 1_000; i++) {
      byte[] garbled = bytes.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        garbled[random.nextInt(garbled.length)] = (byte) random.nextInt(256);
      }
      try {
        assertArrayEquals(
            garbled, StateCodec.STATE.encode(MarketMachine.restored(garbled).state()));
      } catch (MalformedBytes e) {
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
    }
  }
}
