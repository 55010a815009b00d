package io.shardex.settlement;

import io.shardex.market.Digest;

/**
 * A block of the chain.
 *
 * @param timeMillis its time, milliseconds since 1970 (the chain counts whole seconds)
 */
public record ChainBlock(long number, Digest hash, long timeMillis) {}
