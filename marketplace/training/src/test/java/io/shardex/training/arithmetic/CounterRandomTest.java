package io.shardex.training.arithmetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.training.arithmetic.CounterRandom.Purpose;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
  @Test
  void anAddressIsThePhiloxCounterAndTheSeedItsKey() {
    CounterRandom random =
        new CounterRandom(0x299f31d0_a4093822L, 5, 0x13198a2e, 0x85a308d3, Purpose.SAMPLE_ORDER);
    int expected =
        Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 5 * 256 + 2, 0xa4093822, 0x299f31d0)[0];
    assertEquals(expected, random.bits(0x243f6a88));
  }

  @Test
  void everyPartOfTheAddressChangesTheValue() {
    Set<Integer> values = new HashSet<>();
    values.add(new CounterRandom(1, 1, 1, 1, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(2, 1, 1, 1, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(1L << 32 | 1, 1, 1, 1, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(1, 2, 1, 1, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(1, 1, 2, 1, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(1, 1, 1, 2, Purpose.SAMPLE_ORDER).bits(1));
    values.add(new CounterRandom(1, 1, 1, 1, Purpose.INITIAL_WEIGHTS).bits(1));
    values.add(new CounterRandom(1, 1, 1, 1, Purpose.SAMPLE_ORDER).bits(2));
    assertEquals(8, values.size());
  }

  @Test
  void unitValuesAreSpreadOverZeroToOne() {
    CounterRandom random = new CounterRandom(3, 0, 0, 0, Purpose.INITIAL_WEIGHTS);
    double sum = 0;
    for (int i = 0; i < 10_000; i++) {
      float unit = random.unit(i);
      assertTrue(unit >= 0 && unit < 1);
      sum += unit;
    }
    assertEquals(0.5, sum / 10_000, 0.02);
  }

  @Test
  void aRoundBeyondTheCounterIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new CounterRandom(1, 1 << 24, 0, 0, Purpose.SAMPLE_ORDER));
  }

  @Test
  void theSampleOrderIsAPermutationOfItsOwnForEachEpoch() {
    int[] first = SampleOrder.of(7, 1, 2, 0, 1000);
    int[] second = SampleOrder.of(7, 1, 2, 1, 1000);
    assertFalse(Arrays.equals(first, second));
    int[] sorted = first.clone();
    Arrays.sort(sorted);
    assertArrayEquals(IntStream.range(0, 1000).toArray(), sorted);
    assertArrayEquals(first, SampleOrder.of(7, 1, 2, 0, 1000));
  }

  @Test
  void everyPositionOfAShortOrderIsEquallyLikely() {
    int[] counts = new int[6];
    for (int epoch = 0; epoch < 6000; epoch++) {
      int[] order = SampleOrder.of(1, 0, 0, epoch, 3);
      counts[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
    }
    for (int count : counts) {
      assertEquals(1000, count, 120);
    }
  }
}
