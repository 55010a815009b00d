package io.shardex.consensus;

import java.util.concurrent.CompletableFuture;

/** The way into the log, the same on every replica. */
@FunctionalInterface
public interface Proposer {

  /**
   * Puts an entry into the log, through the leader wherever that is, and answers once it is applied
   * there. Completes on a virtual thread, so dependents may block.
   *
   * <p>Fails with a {@link ProposalException}, never blocks for room, and promises no order between
   * two proposals in flight. Attempts are repeated until {@link ReplicaConfig#proposalTimeout()}
   * under one id, which the leader remembers for longer than that: an entry is applied once.
   * Exception: that memory is rebuilt from the log's tail only, so a node that restarts or installs
   * a snapshot between two attempts and then leads may apply the entry again. Entries should be
   * harmless when repeated.
   */
  CompletableFuture<Applied> propose(byte[] entry);
}
