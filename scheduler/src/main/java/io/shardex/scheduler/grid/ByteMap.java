package io.shardex.scheduler.grid;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A map of byte strings by name, shared by several nodes. Each call but the last two is atomic, and
 * its effect is seen by every later call on any node; but a map whose entries are read from copies
 * may miss what a copy lost in a crash. All may throw {@link GridUnavailable}.
 */
interface ByteMap {
  Optional<byte[]> get(String key);

  /** What this node has a copy of itself; asks no other one. */
  Optional<byte[]> held(String key);

  boolean contains(String key);

  boolean putIfAbsent(String key, byte[] value);

  /** Puts a value over whatever is there, in every copy. */
  void put(String key, byte[] value);

  boolean replace(String key, byte[] expected, byte[] next);

  boolean remove(String key, byte[] expected);

  void remove(String key);

  /** All keys; entries that come or go meanwhile may be missed. */
  Set<String> keys();

  /** All entries, for maps of small values; entries that come or go meanwhile may be missed. */
  Map<String, byte[]> entries();
}
