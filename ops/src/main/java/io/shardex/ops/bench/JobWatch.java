package io.shardex.ops.bench;

import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.TaskId;
import io.shardex.market.state.JobPhase;
import io.shardex.ops.faultlab.Broken;
import io.shardex.protocol.client.Watch;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * When one watcher of the log heard of jobs' steps, by {@link System#nanoTime}: what one command
 * caused it hears at one time. Written on its own thread, read on others.
 */
final class JobWatch implements Watch.Reader {
  private final ConcurrentMap<JobId, Times> jobs = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Long> leases = new ConcurrentHashMap<>();
  private volatile @Nullable Long missed;

  /** A job's steps as far as they were heard of. */
  static final class Times {
    private volatile @Nullable Long funded;
    private volatile @Nullable Long leased;
    private volatile @Nullable Long started;
    private volatile @Nullable JobPhase phase;
    private volatile @Nullable Long ended;

    boolean hasEnded() {
      return ended != null;
    }

    /** Seconds from {@code JobFunded} to the first {@code LeaseGranted}. */
    double secondsToLease() {
      return seconds(leased);
    }

    /** Seconds from {@code JobFunded} to the first {@code LeaseStarted}. */
    double secondsToStart() {
      return seconds(started);
    }

    /** Seconds from {@code JobFunded} to the job's end. */
    double secondsToEnd() {
      return seconds(ended);
    }

    private double seconds(@Nullable Long until) {
      Long from = funded;
      if (phase != JobPhase.COMPLETED || from == null || until == null) {
        throw new Broken("a job ended as " + phase);
      }
      return (until - from) / 1e9;
    }
  }

  Times of(JobId job) {
    if (missed != null) {
      throw new Broken("the watch missed events up to index " + missed);
    }
    return jobs.computeIfAbsent(job, id -> new Times());
  }

  /** When the task with this name was last leased. */
  Optional<Long> leased(String task) {
    return Optional.ofNullable(leases.get(task));
  }

  /** Names of all tasks that were leased so far. */
  Set<String> leasedTasks() {
    return leases.keySet();
  }

  @Override
  public void committed(Stamp at, List<Event> events) {
    long now = System.nanoTime();
    for (Event event : events) {
      switch (event) {
        case Event.JobFunded funded -> of(funded.job()).funded = now;
        case Event.LeaseGranted granted -> leased(granted.task(), now);
        case Event.LeaseStarted started -> {
          Times job = of(started.task().job());
          job.started = job.started == null ? (Long) now : job.started;
        }
        case Event.JobEnded ended -> {
          Times job = of(ended.job());
          job.phase = ended.phase();
          job.ended = now;
        }
        default -> {}
      }
    }
  }

  private void leased(TaskId task, long now) {
    Times job = of(task.job());
    job.leased = job.leased == null ? (Long) now : job.leased;
    leases.put(task.toString(), now);
  }

  @Override
  public void resync(long index) {
    missed = index;
  }
}
