package io.shardex.pricing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What stood in the market of one class when an epoch ended: the asks' reserves and the shards'
 * limits, each for one slot.
 *
 * @param reserves lowest gross price each offered slot accepts, in any order
 * @param limits highest price each waiting or running shard accepts, in any order
 */
public record Book(List<UnitPrice> reserves, List<UnitPrice> limits) {
  public Book {
    reserves = List.copyOf(reserves);
    limits = List.copyOf(limits);
  }

  /** Slots that could trade at {@code price}. */
  public long supplyAt(UnitPrice price) {
    return reserves.stream().filter(reserve -> reserve.compareTo(price) <= 0).count();
  }

  /** Shards that could trade at {@code price}. */
  public long demandAt(UnitPrice price) {
    return limits.stream().filter(limit -> limit.compareTo(price) >= 0).count();
  }

  public boolean couldTrade() {
    return !reserves.isEmpty()
        && !limits.isEmpty()
        && least(reserves).compareTo(greatest(limits)) <= 0;
  }

  /**
   * The marginal clearing price: with m the largest number of pairs whose m-th highest limit still
   * reaches the m-th lowest reserve, the price that the scarcer side sets. When shards wait for
   * slots it is the first excluded limit (never below the m-th reserve); when slots wait for shards
   * it is the m-th reserve. Call only when {@link #couldTrade()}.
   */
  public UnitPrice clearingPrice() {
    List<UnitPrice> asks = sorted(reserves, Comparator.naturalOrder());
    List<UnitPrice> bids = sorted(limits, Comparator.reverseOrder());
    int pairs = 0;
    while (pairs < Math.min(asks.size(), bids.size())
        && asks.get(pairs).compareTo(bids.get(pairs)) <= 0) {
      pairs++;
    }
    UnitPrice marginalAsk = asks.get(pairs - 1);
    if (bids.size() > pairs && bids.get(pairs).compareTo(marginalAsk) > 0) {
      return bids.get(pairs);
    }
    return marginalAsk;
  }

  private static List<UnitPrice> sorted(List<UnitPrice> prices, Comparator<UnitPrice> order) {
    List<UnitPrice> copy = new ArrayList<>(prices);
    copy.sort(order);
    return copy;
  }

  private static UnitPrice least(List<UnitPrice> prices) {
    return prices.stream().min(Comparator.naturalOrder()).orElseThrow();
  }

  private static UnitPrice greatest(List<UnitPrice> prices) {
    return prices.stream().max(Comparator.naturalOrder()).orElseThrow();
  }
}
