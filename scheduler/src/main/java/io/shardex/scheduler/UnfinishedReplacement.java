package io.shardex.scheduler;

import java.io.IOException;

/** A node that lost its log has begun to come back, but the others do not count on it yet. */
public final class UnfinishedReplacement extends IOException {
  private static final long serialVersionUID = 1;

  UnfinishedReplacement(String node, String peer) {
    super(
        "%s is to come back as the peer %s, but is not yet, or no more, one of the peers"
            .formatted(node, peer));
  }
}
