/** Of how the benchmarks reckon, not of what they find. */
@NullMarked
package io.shardex.ops.bench;

import org.jspecify.annotations.NullMarked;
