package io.shardex.scheduler.gateway;

import io.shardex.market.Digest;
import java.util.List;
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
   * @param slots what these blobs are for; any number without one
   */
  record Upload(String uploader, long maxBytes, List<Slot> slots) {
    Upload {
      slots = List.copyOf(slots);
    }
  }

  /**
   * Room for what a lease, or a challenge, comes to.
   *
   * @param lease the lease's task and fence and how far it is saved, a commitment to keep, or the
   *     opening of an answer
   * @param blobs how many may be put
   * @param only the one blob that may be put, where the market knows it already
   */
  record Slot(String lease, int blobs, Optional<Digest> only) {}
}
