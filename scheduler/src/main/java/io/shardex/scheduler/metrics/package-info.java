/** What operators see. */
@NullMarked
package io.shardex.scheduler.metrics;

import org.jspecify.annotations.NullMarked;
