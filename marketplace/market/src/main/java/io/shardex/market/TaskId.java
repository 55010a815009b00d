package io.shardex.market;

import java.util.Comparator;

/**
 * What is leased: the training of one shard in one round of a job, or the audit of a result.
 *
 * @param audited 0 for the training of the shard; for an audit the fence under which the result it
 *     audits was committed. So an audit's id also names that result.
 */
public record TaskId(JobId job, int round, int shard, long audited) implements Comparable<TaskId> {
  private static final Comparator<TaskId> ORDER =
      Comparator.comparing(TaskId::job)
          .thenComparingInt(TaskId::round)
          .thenComparingInt(TaskId::shard)
          .thenComparingLong(TaskId::audited);

  /** The training of a shard. */
  public TaskId(JobId job, int round, int shard) {
    this(job, round, shard, 0);
  }

  public boolean isAudit() {
    return audited != 0;
  }

  /** The audit of the result that was committed for this shard under {@code fence}. */
  public TaskId audit(long fence) {
    return new TaskId(job, round, shard, fence);
  }

  /** The training whose result this audits; itself if it is one. */
  public TaskId training() {
    return new TaskId(job, round, shard);
  }

  @Override
  public int compareTo(TaskId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    String shardText = job.brief() + "/" + round + "/" + shard;
    return isAudit() ? shardText + "#" + audited : shardText;
  }
}
