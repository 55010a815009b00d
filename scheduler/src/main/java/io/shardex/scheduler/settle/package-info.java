/** Signed batches on their way to the chain. */
@NullMarked
package io.shardex.scheduler.settle;

import org.jspecify.annotations.NullMarked;
