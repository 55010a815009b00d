package io.shardex.worker.lease;

import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import org.jspecify.annotations.Nullable;

/** A lease in the agent's hands: whether it is over, and the thread that works on it. */
final class HeldLease {
  private final LeaseOffer offer;
  private @Nullable Thread thread;
  private LeaseEnd.@Nullable Outcome stopped;
  private String why = "";

  HeldLease(LeaseOffer offer) {
    this.offer = offer;
  }

  LeaseOffer offer() {
    return offer;
  }

  boolean is(TaskId task, long fence) {
    return offer.task().equals(task) && offer.fence() == fence;
  }

  /** Whether there is no use in going on. */
  synchronized boolean isOver() {
    return stopped != null;
  }

  /** Ends the work, from any thread; the first reason counts. */
  synchronized void stop(LeaseEnd.Outcome outcome, String reason) {
    if (stopped == null) {
      stopped = outcome;
      why = reason;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** The calling thread works on it from now on; false if it is over already. */
  synchronized boolean begin() {
    thread = Thread.currentThread();
    return stopped == null;
  }

  /** The calling thread works on it no longer, and no late interrupt will reach it. */
  synchronized void finish() {
    thread = null;
    // Clears the flag of a stop that came too late to be noticed.
    boolean unused = Thread.interrupted();
  }

  /** How it was stopped; only for one that is over. */
  synchronized LeaseEnd end() {
    if (stopped == null) {
      throw new IllegalStateException("the lease of " + offer.task() + " is not over");
    }
    return new LeaseEnd(offer.task(), offer.fence(), stopped, why);
  }
}
