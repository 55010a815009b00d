package io.shardex.settlement;

import java.time.Duration;

/**
 * How long a client goes on asking.
 *
 * @param call limit of one call to one endpoint
 * @param rounds how many times all endpoints are asked before a call fails, at least 1
 */
public record Patience(Duration call, int rounds) {
  public static final Patience DEFAULT = new Patience(Duration.ofSeconds(10), 4);

  public Patience {
    if (rounds < 1) {
      throw new IllegalArgumentException("at least one round is needed: " + rounds);
    }
  }
}
