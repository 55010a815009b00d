package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.state.Job;
import io.shardex.pricing.Amount;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A job whose last total the chain has confirmed, from a node's chronicle.
 *
 * @param job as it was then: who built it, how it ended, its rounds
 * @param paid what each payee earned
 * @param submittedMillis market time of its submission, 0 if the node does not know
 * @param settledIndex log index of the entry that settled it
 */
public record SettledJob(
    Job job,
    SortedMap<Address, Amount> paid,
    Amount fees,
    Amount refunded,
    long submittedMillis,
    long settledIndex) {
  public SettledJob {
    paid = Collections.unmodifiableSortedMap(new TreeMap<>(paid));
  }
}
