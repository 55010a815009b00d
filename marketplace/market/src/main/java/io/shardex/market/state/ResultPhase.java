package io.shardex.market.state;

import java.util.EnumSet;
import java.util.Set;

/** What is known of a committed result. */
public enum ResultPhase {
  /**
   * Waits for the beacon. To SPARED, DRAWN, DISPUTED, UNPROVEN; to WAITING when its owner is proven
   * a liar.
   */
  WAITING,
  /**
   * Not drawn. To WAITING when its owner is proven a liar; to DRAWN, DISPUTED when it is the one of
   * its owner that the job's last draw takes.
   */
  SPARED,
  /** An auditor is drawn and has not sealed. To SEALED; to WAITING if it is silent or leaves. */
  DRAWN,
  /**
   * The auditor has sealed: both sides must reveal. To PROVED, DISPUTED; WAITING if it is silent.
   */
  SEALED,
  /** The validators execute the shard. To PROVED, REFUTED; gone if they cannot agree. */
  DISPUTED,
  /** Another execution gave the same. To WAITING when its owner is proven a liar. */
  PROVED,
  /** Another execution gave something else. */
  REFUTED,
  /** Its job is sold as not proven: it stands, and nothing can shake or support it. */
  UNPROVEN;

  /** Whether the evidence is not complete yet. */
  public boolean isOpen() {
    return this == WAITING || this == DRAWN || this == SEALED || this == DISPUTED;
  }

  /** Whether its worker may be paid for it. */
  public boolean stands() {
    return this == SPARED || this == PROVED || this == UNPROVEN;
  }

  public Set<ResultPhase> next() {
    return switch (this) {
      case WAITING -> EnumSet.of(SPARED, DRAWN, DISPUTED, WAITING, UNPROVEN);
      case SPARED -> EnumSet.of(WAITING, DRAWN, DISPUTED);
      case PROVED -> EnumSet.of(WAITING);
      case DRAWN -> EnumSet.of(SEALED, WAITING);
      case SEALED -> EnumSet.of(PROVED, DISPUTED, WAITING);
      case DISPUTED -> EnumSet.of(PROVED, REFUTED);
      case REFUTED, UNPROVEN -> EnumSet.noneOf(ResultPhase.class);
    };
  }
}
