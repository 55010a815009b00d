package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;

/**
 * How far the holder of a lease said it was: its word, which nobody has checked.
 *
 * @param fence of the lease it was saved under
 * @param owner who answers for it
 * @param step steps that were done
 * @param blob what the shard goes on from, in the grid
 * @param savedAtMillis market time
 */
public record Checkpoint(
    long fence, Address worker, Address owner, int step, Digest blob, long savedAtMillis) {}
