package io.shardex.protocol.client;

import io.shardex.market.Outcome;

/**
 * What a command came to.
 *
 * @param index log index of the entry that holds it; -1 if it is not told, as for a rejection
 */
public record Submitted(long index, Outcome outcome) {
  static final long NOT_TOLD = -1;
}
