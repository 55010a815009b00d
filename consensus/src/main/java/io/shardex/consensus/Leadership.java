package io.shardex.consensus;

import java.util.Optional;

/**
 * Who leads, as this replica sees it; another may see a newer term.
 *
 * @param term the Raft term, grows with each election
 * @param leader the leader's node id, empty while there is none
 * @param leading whether this replica leads and has applied all that earlier leaders committed
 */
public record Leadership(long term, Optional<String> leader, boolean leading) {}
