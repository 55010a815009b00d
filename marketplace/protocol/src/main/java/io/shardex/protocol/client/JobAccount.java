package io.shardex.protocol.client;

import io.shardex.market.Address;
import io.shardex.market.state.Job;
import io.shardex.market.state.Task;
import io.shardex.pricing.Amount;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A job with its open round and its money.
 *
 * @param index log index this is of
 * @param tasks the open round's, by shard
 * @param free neither held nor spent
 * @param held reserved for shards that are out
 * @param paid earned, by payee
 */
public record JobAccount(
    long index,
    Job job,
    List<Task> tasks,
    Amount free,
    Amount held,
    Amount fees,
    Amount refunded,
    SortedMap<Address, Amount> paid) {
  public JobAccount {
    tasks = List.copyOf(tasks);
    paid = Collections.unmodifiableSortedMap(new TreeMap<>(paid));
  }
}
