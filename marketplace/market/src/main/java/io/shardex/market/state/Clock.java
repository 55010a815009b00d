package io.shardex.market.state;

/**
 * Market time. Only beats move it.
 *
 * @param slot the open slot
 * @param millis k-th highest of the validators' clocks when the slot opened, never falling
 * @param epochEndsMillis when the price changes
 */
public record Clock(long slot, long millis, long epoch, long epochEndsMillis) {}
