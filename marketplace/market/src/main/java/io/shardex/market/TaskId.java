package io.shardex.market;

import java.util.Comparator;

/** One shard of one round of one job: the unit that is leased, trained, verified and paid. */
public record TaskId(JobId job, int round, int shard) implements Comparable<TaskId> {
  private static final Comparator<TaskId> ORDER =
      Comparator.comparing(TaskId::job)
          .thenComparingInt(TaskId::round)
          .thenComparingInt(TaskId::shard);

  @Override
  public int compareTo(TaskId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return job.brief() + "/" + round + "/" + shard;
  }
}
