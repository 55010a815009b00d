package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.TaskId;

/**
 * How far an agent says it is. Not in the log, and nobody's proof.
 *
 * @param step steps done, 0 to {@code steps}
 * @param loss training loss at that step; NaN before the first
 */
public record ShardProgress(
    TaskId task, long fence, Address worker, int step, int steps, double loss) {}
