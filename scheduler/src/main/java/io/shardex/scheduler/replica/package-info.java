/** The replicated market inside a node: the log's bytes in, the market's state and events out. */
@NullMarked
package io.shardex.scheduler.replica;

import org.jspecify.annotations.NullMarked;
