package io.shardex.market.state;

import java.util.EnumSet;
import java.util.Set;

/** The life of a shard's task. */
public enum TaskPhase {
  /** Waits for a lease. To LEASED, or ABANDONED when its job ends or its leases are used up. */
  OPEN,
  /** One worker has it. To COMMITTED, OPEN. */
  LEASED,
  /** A result is committed. To VERIFIED, OPEN. */
  COMMITTED,
  /** The result is part of the round's model and paid. */
  VERIFIED,
  /** Nobody will train it. */
  ABANDONED;

  public Set<TaskPhase> next() {
    return switch (this) {
      case OPEN -> EnumSet.of(LEASED, ABANDONED);
      case LEASED -> EnumSet.of(COMMITTED, OPEN);
      case COMMITTED -> EnumSet.of(VERIFIED, OPEN);
      case VERIFIED, ABANDONED -> EnumSet.noneOf(TaskPhase.class);
    };
  }
}
