package io.shardex.cli.check;

import io.shardex.cli.Unprepared;
import io.shardex.protocol.client.NodeStatus;
import java.time.Duration;
import java.time.InstantSource;

/** Checks of this machine. */
public final class Here {
  private static final int LEAST_JDK = 21;

  /** Far less than the life of a signed command, far more than a beat. */
  private static final Duration SKEW = Duration.ofSeconds(30);

  private Here() {}

  /** Whether this JDK is new enough. */
  public static String jdk() throws Unprepared {
    int feature = Runtime.version().feature();
    if (feature < LEAST_JDK) {
      throw new Unprepared(
          "this is JDK " + feature, "Install JDK 21 or later, and set SHARDEX_JAVA_HOME to it");
    }
    return "JDK " + System.getProperty("java.version");
  }

  /** Whether this clock goes with the market's. */
  public static String clock(InstantSource clock, NodeStatus status) throws Unprepared {
    long skew = clock.millis() - status.clockMillis();
    if (Math.abs(skew) > SKEW.toMillis()) {
      throw new Unprepared(
          "this machine's clock is %d s %s the market's at %s"
              .formatted(
                  Math.abs(skew) / 1_000, skew > 0 ? "ahead of" : "behind", status.address()),
          "Set the clock (NTP); if it is right, the market stands still: see its nodes");
    }
    return "%d ms from the market's at %s".formatted(skew, status.address());
  }
}
