package io.shardex.scheduler.metrics;

import io.shardex.market.state.Worker;

/** What a registered worker does, as the market knows it. */
enum WorkerState {
  /** Has a lease of a shard. */
  TRAINING,
  /** Has the lease of an audit. */
  AUDITING,
  /** Is drawn for an audit and has not begun it. */
  DUE,
  /** Asks, and has nothing to do. */
  IDLE,
  /** Takes nothing more. */
  DRAINING,
  /** Does not ask: not yet, or because it was silent. */
  SILENT;

  static WorkerState of(Worker worker) {
    if (worker.lease().isPresent()) {
      return worker.lease().get().isAudit() ? AUDITING : TRAINING;
    }
    if (worker.isDue()) {
      return DUE;
    }
    if (worker.draining()) {
      return DRAINING;
    }
    return worker.ask().isPresent() ? IDLE : SILENT;
  }
}
