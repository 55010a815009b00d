/**
 * The provider's agent: {@link io.shardex.worker.WorkerNode} offers one slot to the market, takes
 * leases, trains them and commits to the results.
 */
@NullMarked
package io.shardex.worker;

import org.jspecify.annotations.NullMarked;
