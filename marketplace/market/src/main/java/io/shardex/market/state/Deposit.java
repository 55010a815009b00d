package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;

/**
 * What the chain says of a job's escrow.
 *
 * @param refundAt seconds since 1970 after which the builder alone may take the rest
 */
public record Deposit(Address builder, long nonce, Digest spec, long refundAt) {}
