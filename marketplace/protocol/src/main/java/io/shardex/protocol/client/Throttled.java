package io.shardex.protocol.client;

import java.time.Duration;

/** Too much was asked for, again and again, or more than there is room for. */
public final class Throttled extends ClientFailure {
  private static final long serialVersionUID = 1;

  private final Duration retryAfter;

  Throttled(String message, Duration retryAfter) {
    super(message, null);
    this.retryAfter = retryAfter;
  }

  /** When to try again; zero if waiting does not help. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
