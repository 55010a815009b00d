package io.shardex.worker.lease;

import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import org.jspecify.annotations.Nullable;

/** A lease in the agent's hands: whether it is over, and the thread that works on it. */
final class HeldLease {
  static final String LEAVES = "the worker leaves";
  static final String STOPS = "the agent stops";

  private final LeaseOffer offer;
  private boolean committed;
  private @Nullable Thread thread;
  private LeaseEnd.@Nullable Outcome stopped;
  private String why = "";
  private boolean begun;
  private boolean savable;
  private boolean leaving;
  private boolean kept;

  /**
   * A lease nobody works on yet.
   *
   * @param committed whether its result is in the journal
   */
  HeldLease(LeaseOffer offer, boolean committed) {
    this.offer = offer;
    this.committed = committed;
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

  /** Its result is about to be committed: from now on it cannot fail. False if it has failed. */
  synchronized boolean commits() {
    committed = stopped != LeaseEnd.Outcome.FAILED;
    return committed;
  }

  synchronized boolean isCommitted() {
    return committed;
  }

  /** Ends it as one that cannot be worked on here, unless its result is committed. */
  synchronized void fail(String reason) {
    if (!committed) {
      stop(LeaseEnd.Outcome.FAILED, reason);
    }
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

  /** All it needs is there, and the market knows that its work begins. */
  synchronized void begun() {
    begun = true;
  }

  synchronized boolean hasBegun() {
    return begun;
  }

  /** From now on, or no longer, what it has come to can be saved before it is given up. */
  synchronized void savable(boolean now) {
    savable = now;
  }

  /**
   * The work on it is to end: at once, or when it is saved.
   *
   * @param keep whether the lease is kept, for an agent that is started again, and not given up
   */
  synchronized void leave(boolean keep) {
    leaving = true;
    kept = keep;
    if (!savable) {
      left();
    }
  }

  /** Whether the work on it is to end as soon as it is saved. */
  synchronized boolean isLeaving() {
    return leaving;
  }

  /** Its training was broken off. */
  synchronized LeaseEnd left() {
    stop(LeaseEnd.Outcome.ABANDONED, kept ? STOPS : LEAVES);
    return end();
  }

  /** Whether it is to be given up, as the worker leaves. */
  synchronized boolean isLeft() {
    return leaving && !kept && stopped == LeaseEnd.Outcome.ABANDONED;
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
