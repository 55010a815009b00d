package io.shardex.protocol.client;

import java.time.Duration;

/**
 * How long a client waits.
 *
 * @param call for one answer of one node
 * @param total for an answer of any node, retries and pauses included
 */
public record Patience(Duration call, Duration total) {
  public static final Patience USUAL = new Patience(Duration.ofSeconds(10), Duration.ofSeconds(40));

  public Patience {
    if (call.isNegative() || call.isZero() || total.compareTo(call) < 0) {
      throw new IllegalArgumentException(
          "expected 0 < call <= total, but found " + call + " and " + total);
    }
  }
}
