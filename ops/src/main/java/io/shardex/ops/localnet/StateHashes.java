package io.shardex.ops.localnet;

import io.shardex.market.Digest;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What every node's replica hashed to after the same log index.
 *
 * @param nodes by node id
 */
public record StateHashes(long index, SortedMap<String, Digest> nodes) {
  public StateHashes {
    nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
  }
}
