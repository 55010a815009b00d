package io.shardex.protocol.client;

import io.shardex.pricing.Amount;

/**
 * An owner's confirmed stake.
 *
 * @param bonded what counts for leases
 * @param workers how many are registered under it
 */
public record StakeAccount(Amount bonded, int workers) {}
