package io.shardex.scheduler.gateway;

import io.shardex.market.Address;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** A bucket for each of the keys seen last; one that is forgotten starts full again. */
final class Throttle {
  private static final int KEYS = 20_000;

  private final long perSecond;
  private final InstantSource clock;
  private final Map<Address, TokenBucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Address, TokenBucket> eldest) {
          return size() > KEYS;
        }
      };

  Throttle(long perSecond, InstantSource clock) {
    this.perSecond = perSecond;
    this.clock = clock;
  }

  synchronized TokenBucket of(Address key) {
    return buckets.computeIfAbsent(key, any -> new TokenBucket(perSecond, clock));
  }

  /** Takes the tokens or throws the status that says when to come back. */
  void take(Address key, long tokens, String what) {
    of(key)
        .take(tokens)
        .ifPresent(
            wait -> {
              throw Refusals.tooMany("too many " + what + " of " + key, wait);
            });
  }
}
