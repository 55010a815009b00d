package io.shardex.market.state;

import java.util.EnumSet;
import java.util.Set;

/** The life of a task: the training of a shard, or an audit. */
public enum TaskPhase {
  /**
   * Waits for a lease; an audit waits for its drawn auditor. To LEASED, or ABANDONED when its job
   * ends or its leases are used up.
   */
  OPEN,
  /** One worker has it. To COMMITTED, OPEN. */
  LEASED,
  /** A result is committed; of an audit, its seal. To VERIFIED, DISPUTED, OPEN. */
  COMMITTED,
  /** The validators execute the shard. To COMMITTED, with their result if this one is false. */
  DISPUTED,
  /** The result is part of the round's model and paid. */
  VERIFIED,
  /** Nobody will train it. */
  ABANDONED;

  public Set<TaskPhase> next() {
    return switch (this) {
      case OPEN -> EnumSet.of(LEASED, ABANDONED);
      case LEASED -> EnumSet.of(COMMITTED, OPEN);
      case COMMITTED -> EnumSet.of(VERIFIED, DISPUTED, OPEN);
      case DISPUTED -> EnumSet.of(COMMITTED);
      case VERIFIED, ABANDONED -> EnumSet.noneOf(TaskPhase.class);
    };
  }
}
