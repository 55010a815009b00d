package io.shardex.scheduler.gateway;

import io.grpc.Context;
import io.shardex.market.Address;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;

/** Who is logged in here. A token is 256 random bits and ends by itself. */
final class Sessions {
  private static final Context.Key<Address> KEY = Context.key("shardex-session");
  private static final int TOKEN_BYTES = 32;

  private final int most;
  private final Duration life;
  private final InstantSource clock;
  private final SecureRandom chance = new SecureRandom();
  private final LinkedHashMap<String, Session> open = new LinkedHashMap<>();

  /** A key's session. */
  record Session(String token, Address key, long expiryMillis) {}

  Sessions(int most, Duration life, InstantSource clock) {
    this.most = most;
    this.life = life;
    this.clock = clock;
  }

  synchronized Session open(Address key) {
    long now = clock.millis();
    // All live equally long, so those that expire first stand first.
    while (!open.isEmpty() && open.firstEntry().getValue().expiryMillis() <= now) {
      open.pollFirstEntry();
    }
    if (open.size() >= most) {
      throw Refusals.tooMany("this node has all the sessions it takes", Duration.ofSeconds(10));
    }
    byte[] token = new byte[TOKEN_BYTES];
    chance.nextBytes(token);
    Session session =
        new Session(
            Base64.getUrlEncoder().withoutPadding().encodeToString(token),
            key,
            now + life.toMillis());
    open.put(session.token(), session);
    return session;
  }

  synchronized Optional<Address> keyOf(String token) {
    return Optional.ofNullable(open.get(token))
        .filter(session -> session.expiryMillis() > clock.millis())
        .map(Session::key);
  }

  /** The context in which the call of this key runs. */
  static Context with(Address key) {
    return Context.current().withValue(KEY, key);
  }

  /** Whose call this is, if it came with a session. */
  static Optional<Address> caller() {
    return Optional.ofNullable(KEY.get());
  }

  /** Whose call this is; UNAUTHENTICATED without a session. */
  static Address requireCaller() {
    return caller().orElseThrow(() -> Refusals.noSession("this call needs a session: log in"));
  }
}
