package io.shardex.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MoneyTest {
  @Test
  void anAmountNeverFallsBelowZeroAndNeverWraps() {
    assertThrows(ArithmeticException.class, () -> Amount.of(1).minus(Amount.of(2)));
    assertThrows(ArithmeticException.class, () -> Amount.of(Long.MAX_VALUE).plus(Amount.of(1)));
    assertThrows(ArithmeticException.class, () -> Amount.of(Long.MAX_VALUE).times(2));
  }

  @Test
  void anAmountPrintsAsTokens() {
    assertEquals("4.997348", Amount.of(4_997_348).toString());
    assertEquals("0.000052", Amount.of(52).toString());
  }

  @Test
  void theCostOfWorkEqualsTheExactQuotientRoundedAsNamed() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long price = random.nextLong() >>> (1 + random.nextInt(60));
      long work = random.nextLong() >>> (14 + random.nextInt(45));
      BigInteger[] exact =
          BigInteger.valueOf(price)
              .multiply(BigInteger.valueOf(work))
              .divideAndRemainder(BigInteger.valueOf(UnitPrice.SCALE));
      if (exact[0].bitLength() >= 62) {
        continue;
      }
      long floor = exact[0].longValueExact();
      long ceil = floor + (exact[1].signum() == 0 ? 0 : 1);
      assertEquals(floor, new UnitPrice(price).floorCost(new WorkUnits(work)).units());
      assertEquals(ceil, new UnitPrice(price).ceilCost(new WorkUnits(work)).units());
    }
  }

  @Test
  void aCostBeyondALongIsRefusedNotWrapped() {
    UnitPrice price = new UnitPrice(Long.MAX_VALUE);
    assertThrows(ArithmeticException.class, () -> price.floorCost(new WorkUnits(WorkUnits.MAX)));
  }

  @Test
  void payAndFeeAddUpAndManySmallPaymentsCarryTheFeeOfOneLargeOne() {
    PartsPerMillion rate = new PartsPerMillion(20_000);
    Amount before = Amount.ZERO;
    Amount fees = Amount.ZERO;
    for (int i = 0; i < 60; i++) {
      FeeSplit split = FeeSplit.of(before, Amount.of(44), rate);
      assertEquals(44, split.pay().plus(split.fee()).units());
      before = before.plus(Amount.of(44));
      fees = fees.plus(split.fee());
    }
    assertEquals(rate.floorOf(44 * 60), fees.units());
  }

  @Test
  void anHourAtTheHourlyLimitNeverCostsMoreThanTheLimit() {
    WorkUnits hour = new WorkUnits(60_000_000);
    UnitPrice limit = UnitPrice.ofHourly(Amount.of(400_000), hour);
    assertTrue(limit.perHour(hour).units() <= 400_000);
    assertEquals(6_666_666_666L, limit.perTeraWork());
  }

  @Test
  void workInATimeIsRoundedDownAndBounded() {
    WorkUnits hourly = new WorkUnits(7_200_000);
    WorkUnits most = new WorkUnits(1_000);
    assertEquals(new WorkUnits(2), hourly.inMillis(1, most));
    assertEquals(new WorkUnits(0), new WorkUnits(3_599_999).inMillis(1, most));
    assertEquals(new WorkUnits(1), new WorkUnits(3_599_999).inMillis(2, most));
    assertEquals(new WorkUnits(998), hourly.inMillis(499, most));
    assertEquals(most, hourly.inMillis(501, most));
    assertEquals(new WorkUnits(0), hourly.inMillis(-5, most));
    // The product is far beyond a long.
    assertEquals(most, new WorkUnits(WorkUnits.MAX).inMillis(Long.MAX_VALUE, most));
  }
}
