/**
 * The demo: one training job end to end on one machine, shown while it runs, summed up, and
 * reported for scripts to check.
 */
@NullMarked
package io.shardex.ops.demo;

import org.jspecify.annotations.NullMarked;
