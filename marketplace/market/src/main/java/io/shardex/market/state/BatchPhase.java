package io.shardex.market.state;

import java.util.EnumSet;
import java.util.Set;

/** The life of a batch. */
public enum BatchPhase {
  /** Waits for k validators' signatures. To SIGNED. */
  SEALED,
  /** Anyone may send it to the chain. To CONFIRMED, SUPERSEDED. */
  SIGNED,
  /** Final blocks hold it. */
  CONFIRMED,
  /** A newer batch, whose totals include this one's, was confirmed first. */
  SUPERSEDED;

  public Set<BatchPhase> next() {
    return switch (this) {
      case SEALED -> EnumSet.of(SIGNED);
      case SIGNED -> EnumSet.of(CONFIRMED, SUPERSEDED);
      case CONFIRMED, SUPERSEDED -> EnumSet.noneOf(BatchPhase.class);
    };
  }
}
