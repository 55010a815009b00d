package io.shardex.protocol.wire;

import io.grpc.Metadata;
import java.time.Duration;
import java.util.Optional;

/** The metadata keys both sides of the wire know. */
public final class Trailers {
  /** With a call: {@code Bearer TOKEN}. */
  public static final Metadata.Key<String> AUTHORIZATION = key("authorization");

  public static final String BEARER = "Bearer ";

  private static final Metadata.Key<String> RETRY_AFTER = key("shardex-retry-after-millis");
  private static final Metadata.Key<String> NEXT_STEP = key("shardex-next-step");
  private static final long LONGEST_RETRY_MILLIS = 60_000;

  private Trailers() {}

  public static Metadata retryAfter(Duration wait) {
    Metadata trailers = new Metadata();
    trailers.put(RETRY_AFTER, Long.toString(wait.toMillis()));
    return trailers;
  }

  /** How long to wait before another try, at most a minute; nothing if that does not help. */
  public static Optional<Duration> retryAfter(Metadata trailers) {
    String text = trailers.get(RETRY_AFTER);
    if (text == null || !text.matches("\\d{1,9}")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.min(LONGEST_RETRY_MILLIS, Long.parseLong(text))));
  }

  /**
   * @param clause an imperative clause in ASCII
   */
  public static Metadata nextStep(String clause) {
    Metadata trailers = new Metadata();
    trailers.put(NEXT_STEP, clause);
    return trailers;
  }

  /** What the caller can do; empty if nothing is said. */
  public static String nextStep(Metadata trailers) {
    String text = trailers.get(NEXT_STEP);
    return text == null ? "" : text;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
