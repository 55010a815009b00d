package io.shardex.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ClassPriceTest {
  @Test
  void thePriceMovesTowardsTheClearingPriceByAtMostItsStep() {
    ClassPrice now = ClassPrice.starting(new UnitPrice(1_000_000));
    ClassPrice next = now.next(new Book(prices(500_000), prices(2_000_000, 1_500_000)));
    assertEquals(1_010_000, next.price().perTeraWork());
    assertTrue(next.step().value() > now.step().value());
  }

  @Test
  void theStepHalvesWhenTheDirectionTurns() {
    ClassPrice rising = new ClassPrice(new UnitPrice(1_000_000), new PartsPerMillion(40_000), true);
    ClassPrice next = rising.next(new Book(prices(100_000, 200_000), prices(2_000_000)));
    assertEquals(20_000, next.step().value());
    assertEquals(980_000, next.price().perTeraWork());
  }

  @Test
  void aPriceOutsideTheBookJumpsIntoIt() {
    ClassPrice tooHigh = ClassPrice.starting(new UnitPrice(9_000_000));
    ClassPrice next = tooHigh.next(new Book(prices(1_000_000), prices(2_000_000)));
    assertEquals(1_000_000, next.price().perTeraWork());
  }

  @Test
  void anEmptyOrHopelessBookLeavesThePrice() {
    ClassPrice now = ClassPrice.starting(new UnitPrice(5));
    assertEquals(now, now.next(new Book(List.of(), prices(7))));
    assertEquals(now, now.next(new Book(prices(9), prices(7))));
  }

  @Test
  void theClearingPriceLetsTheMostPairsTrade() {
    Random random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      Book book = new Book(random(random), random(random));
      if (!book.couldTrade()) {
        continue;
      }
      UnitPrice price = book.clearingPrice();
      long traded = Math.min(book.supplyAt(price), book.demandAt(price));
      assertEquals(mostPairs(book), traded, book.toString());
    }
  }

  private static long mostPairs(Book book) {
    List<UnitPrice> candidates = new ArrayList<>(book.reserves());
    candidates.addAll(book.limits());
    return candidates.stream()
        .mapToLong(price -> Math.min(book.supplyAt(price), book.demandAt(price)))
        .max()
        .orElse(0);
  }

  private static List<UnitPrice> random(Random random) {
    return LongStream.range(0, 1 + random.nextInt(8))
        .mapToObj(i -> new UnitPrice(random.nextInt(20)))
        .toList();
  }

  private static List<UnitPrice> prices(long... values) {
    return LongStream.of(values).mapToObj(UnitPrice::new).toList();
  }
}
