/** The agent's side of the wire: what it needs of the network, and its binding to the clients. */
@NullMarked
package io.shardex.worker.link;

import org.jspecify.annotations.NullMarked;
