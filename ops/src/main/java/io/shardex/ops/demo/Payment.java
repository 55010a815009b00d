package io.shardex.ops.demo;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;

/**
 * Money that the chain gave somebody out of a job.
 *
 * @param refund whether it is the builder's own money come back
 * @param transaction hash of the transaction that did it
 */
record Payment(Address payee, boolean refund, Amount amount, String transaction) {}
