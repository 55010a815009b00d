package io.shardex.scheduler.gateway;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds what one caller asks of this node: calls a second, and calls under way. A caller is the
 * key of a session, or for calls without one the host they come from.
 */
final class CallQuota {
  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final int atOnce;
  private final Throttle<String> rate;
  private final ConcurrentHashMap<String, Integer> underWay = new ConcurrentHashMap<>();

  CallQuota(int perSecond, int atOnce, InstantSource clock) {
    this.atOnce = atOnce;
    this.rate = new Throttle<>(perSecond, clock);
  }

  /** Takes a place, to be given back by {@link #leave}; or throws RESOURCE_EXHAUSTED. */
  void enter(String caller) {
    rate.take(caller, 1, "calls");
    underWay.compute(
        caller,
        (who, calls) -> {
          int now = calls == null ? 0 : calls;
          if (now >= atOnce) {
            throw Refusals.tooMany(caller + " has " + now + " calls under way here", COME_BACK);
          }
          return now + 1;
        });
  }

  void leave(String caller) {
    underWay.computeIfPresent(caller, (who, calls) -> calls == 1 ? null : calls - 1);
  }
}
