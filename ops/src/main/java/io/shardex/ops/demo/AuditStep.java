package io.shardex.ops.demo;

import io.shardex.market.Event.DisputeCause;
import io.shardex.market.Event.DrawCause;
import io.shardex.market.TaskId;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import java.util.Optional;

/** What happens to results before they are paid for good. Owners are named. */
sealed interface AuditStep {
  /**
   * A result is to be executed again.
   *
   * @param auditor nobody when the validators must
   */
  record Drawn(
      TaskId audit, String owner, DrawCause cause, PartsPerMillion rate, Optional<String> auditor)
      implements AuditStep {}

  /** The auditor has committed to what it found; both sides reveal now. */
  record Sealed(TaskId audit, String owner, String auditor) implements AuditStep {}

  /** Both revealed the same, or the validators found the result to be true. */
  record Equal(TaskId audit, String owner, String by) implements AuditStep {}

  /** The drawn auditor was silent. */
  record Missed(TaskId audit, String auditor) implements AuditStep {}

  /** The result cannot be used, so that there is nothing to audit. */
  record Voided(TaskId audit) implements AuditStep {}

  record Disputed(TaskId audit, String owner, String auditor, DisputeCause cause)
      implements AuditStep {}

  /** The validators have executed the shard. */
  record Judged(TaskId audit, String owner, boolean workerLied, String auditor, boolean auditorLied)
      implements AuditStep {}

  record Slashed(String owner, Amount amount) implements AuditStep {}

  /** A closed round rests on a lie. */
  record Tainted(int round) implements AuditStep {}

  /** Rounds from this one on are trained again. */
  record RolledBack(int round) implements AuditStep {}
}
