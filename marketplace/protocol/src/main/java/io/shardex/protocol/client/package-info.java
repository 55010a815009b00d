/**
 * What builders and agents hold of the scheduler nodes: commands, queries, blobs and the agent's
 * stream, over several addresses with failover.
 */
@NullMarked
package io.shardex.protocol.client;

import org.jspecify.annotations.NullMarked;
