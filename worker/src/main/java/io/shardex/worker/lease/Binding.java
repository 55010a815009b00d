package io.shardex.worker.lease;

import java.io.IOException;

/**
 * Keeps what works for a slot on the slot's part of the machine. It is taken anew for each lease
 * and each challenge: whoever narrows the machine meanwhile costs that lease, and not the slot.
 */
@FunctionalInterface
public interface Binding {
  /** To nothing. */
  Binding ANYWHERE = () -> {};

  /**
   * Binds the calling thread, with all the threads and processes that it starts from now on.
   *
   * @throws IOException naming what it cannot be bound to
   */
  void bindThisThread() throws IOException;
}
