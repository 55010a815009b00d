package io.shardex.scheduler.gateway;

import io.shardex.market.Digest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Challenges given and not answered yet: each good once and for a short time, bounded in number.
 */
final class Challenges {
  private static final int OPEN = 10_000;

  private final Duration life;
  private final InstantSource clock;
  private final SecureRandom chance = new SecureRandom();
  private final LinkedHashMap<Digest, Long> open = new LinkedHashMap<>();

  /** A number to sign, and until when. */
  record Challenge(Digest number, long expiryMillis) {}

  Challenges(Duration life, InstantSource clock) {
    this.life = life;
    this.clock = clock;
  }

  synchronized Challenge give() {
    long now = clock.millis();
    open.values().removeIf(expiry -> expiry <= now);
    if (open.size() >= OPEN) {
      throw Refusals.tooMany("too many logins are under way", life);
    }
    byte[] number = new byte[Digest.BYTES];
    chance.nextBytes(number);
    Challenge challenge = new Challenge(Digest.of(number), now + life.toMillis());
    open.put(challenge.number(), challenge.expiryMillis());
    return challenge;
  }

  /** Takes a challenge back; its expiry if it is still good. */
  synchronized Optional<Long> redeem(Digest number) {
    return Optional.ofNullable(open.remove(number)).filter(expiry -> expiry > clock.millis());
  }
}
