package io.shardex.ops.localnet;

import io.shardex.pricing.Amount;

/**
 * All money that moved since the network began, by one set of books.
 *
 * @param escrowed paid in for jobs
 * @param paid earned by workers
 * @param fees of the network
 * @param refunded back with the builders
 */
public record MoneyTotals(
    Amount escrowed,
    Amount paid,
    Amount fees,
    Amount refunded,
    Amount stakeIn,
    Amount stakeSlashed) {}
