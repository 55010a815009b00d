package io.shardex.scheduler.gateway;

import io.shardex.market.Digest;
import java.util.Optional;
import java.util.Set;

/**
 * What a key may do with blobs now.
 *
 * @param readsAll whether it may get every blob
 * @param readable blobs it may get
 * @param described descriptions of training data: the blobs they list may be got too
 * @param upload what it may put; nothing for a key that may not
 */
record Ticket(
    boolean readsAll, Set<Digest> readable, Set<Digest> described, Optional<Upload> upload) {
  Ticket {
    readable = Set.copyOf(readable);
    described = Set.copyOf(described);
  }

  /**
   * A right to put blobs.
   *
   * @param uploader whose quota in the grid pays
   * @param maxBytes of one blob
   * @param slot what these blobs are for; any number without one
   */
  record Upload(String uploader, long maxBytes, Optional<Slot> slot) {}

  /**
   * Room for what a lease comes to.
   *
   * @param lease the lease's task and fence and how far it is saved, or a commitment to keep
   * @param blobs how many may be put
   * @param only the one blob that may be put, where the market knows it already
   */
  record Slot(String lease, int blobs, Optional<Digest> only) {}
}
