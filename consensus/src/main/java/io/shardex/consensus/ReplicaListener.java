package io.shardex.consensus;

import java.io.IOException;
import java.util.Optional;

/**
 * Hears what happens to a replica. Calls come one at a time, in order, on a thread of the replica's
 * own that holds no lock; but for {@link #beforeVoting}.
 */
public interface ReplicaListener {

  /**
   * Once at each start: the folder holds a log now, and this peer has not voted since the start.
   * The moment to note outside of the folder that it may vote from now on. Called before {@link
   * Replica#start} returns; what it throws ends the start.
   */
  default void beforeVoting() throws IOException {}

  /** Another leader or another term, or this replica began or ceased to lead. */
  default void onLeadership(Leadership leadership) {}

  /**
   * The leader's snapshot replaced the state: entries up to {@code index} were not applied one by
   * one here. Whoever follows the machine's events must rebuild from its state.
   */
  default void onResync(long index) {}

  /**
   * The replica stopped without being asked to; it has released its port and its storage, and never
   * comes back. End the node.
   *
   * @param reason the machine's or the disk's failure, empty if Ratis gave none
   */
  default void onClosed(Optional<Throwable> reason) {}
}
