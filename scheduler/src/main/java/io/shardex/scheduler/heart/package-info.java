/** The node's beats, which move the market's time. */
@NullMarked
package io.shardex.scheduler.heart;

import org.jspecify.annotations.NullMarked;
