package io.shardex.consensus;

import java.io.IOException;
import java.io.InputStream;

/**
 * What the log's entries act on: a deterministic state, fed the same entries in the same order on
 * every replica.
 *
 * <p>All three methods are called on the replica's one updater thread, never two at a time. Readers
 * on other threads need the machine to publish what they may see.
 */
public interface ReplicatedMachine {

  /**
   * Applies one entry. The reply must be a function of the state and the arguments alone: no clock,
   * chance, hash order or I/O.
   *
   * <p>Bad input is answered, never thrown: an exception is a bug, and stops the replica ({@link
   * ReplicaListener#onClosed}).
   *
   * @param index the entry's place in the log, at least 1; grows from call to call, with gaps where
   *     Raft has written entries of its own
   * @param entry the bytes that were proposed
   * @return the bytes that the proposer gets back
   */
  byte[] apply(long index, byte[] entry);

  /**
   * The state after the last applied entry. Entries wait while this runs: copy references to
   * immutable values here, turn them into bytes in {@link Snapshot#writeTo}.
   */
  Snapshot capture();

  /**
   * Replaces the whole state by what a {@link Snapshot} wrote: at start, or when this replica fell
   * so far behind that the leader sent its snapshot.
   *
   * @param index the last index the snapshot holds
   * @param origin who wrote it
   * @throws IOException if the bytes are no snapshot of this machine; the replica then stops
   */
  void restore(long index, InputStream snapshot, Origin origin) throws IOException;

  /** Who wrote a snapshot. */
  enum Origin {
    /** This replica, the very bytes, from a state it had applied itself or been given. */
    OWN,
    /**
     * A leader, who sent it and may have sent anything; it is this also after a restart. So is what
     * this replica cannot show to be its own.
     */
    PEER
  }
}
