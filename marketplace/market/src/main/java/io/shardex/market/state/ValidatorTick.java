package io.shardex.market.state;

import io.shardex.market.Digest;

/** A validator's latest beat. */
public record ValidatorTick(long slot, long clockMillis, long finalBlock, long index, Digest hash) {
  static final ValidatorTick NEVER = new ValidatorTick(-1, 0, 0, 0, Digest.ZERO);
}
