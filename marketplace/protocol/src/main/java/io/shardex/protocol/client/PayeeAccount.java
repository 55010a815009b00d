package io.shardex.protocol.client;

import io.shardex.market.earnings.Earnings;

/**
 * What one node tells of a payee's earnings.
 *
 * @param index log index it is of, at least
 * @param whole whether the node has kept all of its history: one that was given a snapshot, or that
 *     is older than this history, has not, and its sums are too low
 */
public record PayeeAccount(long index, Earnings earnings, boolean whole) {}
