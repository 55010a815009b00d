package io.shardex.market.state;

/** How far the chain has been read: last block covered, and its time. */
public record ChainView(long block, long blockMillis) {}
