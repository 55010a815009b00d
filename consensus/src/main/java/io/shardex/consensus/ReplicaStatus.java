package io.shardex.consensus;

/**
 * How a replica is doing.
 *
 * @param running whether its division runs (neither starting, nor paused, nor closed)
 * @param leadership who leads
 * @param appliedIndex the last index its machine has applied, 0 if none
 * @param committedIndex the highest index it knows any replica to hold as committed
 * @param snapshotIndex the last index its newest snapshot on disk holds, 0 if it has none
 */
public record ReplicaStatus(
    boolean running,
    Leadership leadership,
    long appliedIndex,
    long committedIndex,
    long snapshotIndex) {

  /** Committed entries that this replica has yet to apply. */
  public long lagEntries() {
    return Math.max(0, committedIndex - appliedIndex);
  }

  /** Whether it runs, knows a leader and lags by no more than {@code maxLagEntries}. */
  public boolean isReady(long maxLagEntries) {
    return running && leadership.leader().isPresent() && lagEntries() <= maxLagEntries;
  }
}
