/**
 * The node's door: sessions, commands, queries, blobs and agents over gRPC. It trusts nobody beyond
 * what the node's own replica says of their key.
 */
@NullMarked
package io.shardex.scheduler.gateway;

import org.jspecify.annotations.NullMarked;
