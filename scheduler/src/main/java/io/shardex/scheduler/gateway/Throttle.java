package io.shardex.scheduler.gateway;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bucket for each of the callers seen last; one that is forgotten starts full again.
 *
 * @param <K> what tells callers apart
 */
final class Throttle<K> {
  private static final int CALLERS = 20_000;

  private final long perSecond;
  private final InstantSource clock;
  private final Map<K, TokenBucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, TokenBucket> eldest) {
          return size() > CALLERS;
        }
      };

  Throttle(long perSecond, InstantSource clock) {
    this.perSecond = perSecond;
    this.clock = clock;
  }

  synchronized TokenBucket of(K key) {
    return buckets.computeIfAbsent(key, any -> new TokenBucket(perSecond, clock));
  }

  /** Takes the tokens or throws the status that says when to come back. */
  void take(K key, long tokens, String what) {
    of(key)
        .take(tokens)
        .ifPresent(
            wait -> {
              throw Refusals.tooMany("too many " + what + " of " + key, wait);
            });
  }
}
