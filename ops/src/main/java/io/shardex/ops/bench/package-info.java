/** Benchmarks of the whole, each printing one object of figures. */
@NullMarked
package io.shardex.ops.bench;

import org.jspecify.annotations.NullMarked;
