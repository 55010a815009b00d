package io.shardex.scheduler.attest;

import io.shardex.market.state.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long a committed result may be missing before this validator calls it so. The grid can be
 * away for a moment; the worker has put the result there before it committed.
 */
public final class Patience {
  private static final int REMEMBERED = 10_000;

  private final InstantSource clock;
  private final Duration most;
  private final Map<String, Instant> firstMissed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  public Patience(InstantSource clock, Duration most) {
    this.clock = clock;
    this.most = most;
  }

  /** Whether the task's result has been missing for that long, counted from the first such look. */
  synchronized boolean isOver(Task task) {
    Instant now = clock.instant();
    Instant first = firstMissed.computeIfAbsent(task.id() + "#" + task.fence(), id -> now);
    return !now.isBefore(first.plus(most));
  }
}
