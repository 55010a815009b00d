package io.shardex.ops.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PercentileTest {
  @Test
  void ofTwentyValuesTheSecondLargestIsThe95th() {
    assertEquals(19, Percentile.p95(downFrom(20)));
    assertEquals(10, Percentile.p50(downFrom(20)));
  }

  @Test
  void ofTwentyOneAndOfThirtyTwoOneMoreMayLieAbove() {
    assertEquals(20, Percentile.p95(downFrom(21)));
    assertEquals(31, Percentile.p95(downFrom(32)));
  }

  @Test
  void ofOneValueEachPercentileIsThatValue() {
    assertEquals(1, Percentile.p95(downFrom(1)));
    assertEquals(1, Percentile.p50(downFrom(1)));
  }

  @Test
  void ofNothingThereIsNone() {
    assertThrows(IllegalArgumentException.class, () -> Percentile.p95(List.of()));
  }

  private static List<Double> downFrom(int count) {
    return IntStream.range(0, count).mapToObj(i -> (double) (count - i)).toList();
  }
}
