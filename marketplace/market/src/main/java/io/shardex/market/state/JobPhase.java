package io.shardex.market.state;

import java.util.EnumSet;
import java.util.Set;

/** The life of a job. */
public enum JobPhase {
  /** Submitted, terms not yet attested. To FUNDED, FAILED, CANCELLED. */
  SUBMITTED,
  /** Terms hold, money is there, no shard leased yet. To RUNNING, PAUSED and every end. */
  FUNDED,
  /** At least one shard was leased. To PAUSED and every end. */
  RUNNING,
  /** The price is above the job's limit. To RUNNING and every end. */
  PAUSED,
  /** All rounds are closed. */
  COMPLETED,
  /** The builder ended it. */
  CANCELLED,
  /** The deposit is spent. */
  EXHAUSTED,
  /**
   * The deadline came, the terms were refused, a shard was abandoned or the validators disagree.
   */
  FAILED;

  public boolean ended() {
    return next().isEmpty();
  }

  /** Whether shards may be leased in this phase. */
  public boolean leases() {
    return this == FUNDED || this == RUNNING;
  }

  public Set<JobPhase> next() {
    return switch (this) {
      case SUBMITTED -> EnumSet.of(FUNDED, CANCELLED, FAILED);
      case FUNDED -> EnumSet.of(RUNNING, PAUSED, COMPLETED, CANCELLED, EXHAUSTED, FAILED);
      case RUNNING -> EnumSet.of(PAUSED, COMPLETED, CANCELLED, EXHAUSTED, FAILED);
      case PAUSED -> EnumSet.of(RUNNING, COMPLETED, CANCELLED, EXHAUSTED, FAILED);
      case COMPLETED, CANCELLED, EXHAUSTED, FAILED -> EnumSet.noneOf(JobPhase.class);
    };
  }
}
