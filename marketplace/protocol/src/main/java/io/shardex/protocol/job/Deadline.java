package io.shardex.protocol.job;

import java.time.Duration;
import java.time.Instant;

/** When a job must be done. */
public sealed interface Deadline {
  /** Some time after its submission: one second to 366 days. */
  record After(Duration time) implements Deadline {
    private static final Duration LONGEST = Duration.ofDays(366);

    public After {
      if (time.compareTo(Duration.ofSeconds(1)) < 0 || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "expected a deadline of 1s to 366d after submission, but it is " + time);
      }
    }
  }

  /** At this time, whenever it was submitted. */
  record At(Instant time) implements Deadline {}

  /** The deadline of a job submitted then, in milliseconds since 1970. */
  default long millis(Instant submitted) {
    return switch (this) {
      case After after -> submitted.plus(after.time).toEpochMilli();
      case At at -> at.time.toEpochMilli();
    };
  }
}
