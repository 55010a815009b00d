/** The ordered feed of what the log did, from this node's own replica. */
@NullMarked
package io.shardex.scheduler.events;

import org.jspecify.annotations.NullMarked;
