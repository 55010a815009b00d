package io.shardex.scheduler.grid;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteException;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;

/** A {@link ByteMap} in an Ignite cache; the cache is looked up anew for each call. */
final class IgniteByteMap implements ByteMap {
  private final Supplier<IgniteCache<String, byte[]>> cache;
  private final GridCalls calls;

  IgniteByteMap(Supplier<IgniteCache<String, byte[]>> cache, GridCalls calls) {
    this.cache = cache;
    this.calls = calls;
  }

  @Override
  public Optional<byte[]> get(String key) {
    return call(c -> Optional.ofNullable(c.get(key)));
  }

  @Override
  public Optional<byte[]> held(String key) {
    return call(
        c -> Optional.ofNullable(c.localPeek(key, CachePeekMode.PRIMARY, CachePeekMode.BACKUP)));
  }

  @Override
  public boolean contains(String key) {
    return call(c -> c.containsKey(key));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] value) {
    return call(c -> c.putIfAbsent(key, value));
  }

  @Override
  public void put(String key, byte[] value) {
    call(
        c -> {
          c.put(key, value);
          return true;
        });
  }

  @Override
  public boolean replace(String key, byte[] expected, byte[] next) {
    return call(c -> c.replace(key, expected, next));
  }

  @Override
  public boolean remove(String key, byte[] expected) {
    return call(c -> c.remove(key, expected));
  }

  @Override
  public void remove(String key) {
    call(c -> c.remove(key));
  }

  @Override
  public Set<String> keys() {
    return call(
        c -> {
          Set<String> keys = new HashSet<>();
          try (QueryCursor<String> cursor =
              c.query(new ScanQuery<String, byte[]>(), new EntryKey())) {
            cursor.forEach(keys::add);
          }
          return keys;
        });
  }

  @Override
  public Map<String, byte[]> entries() {
    return call(
        c -> {
          Map<String, byte[]> entries = new HashMap<>();
          try (QueryCursor<Cache.Entry<String, byte[]>> cursor =
              c.query(new ScanQuery<String, byte[]>())) {
            cursor.forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
          }
          return entries;
        });
  }

  /** Ignite says "not now" (inactive, stopping, copies away, topology moved) in three families. */
  private <T> T call(Function<IgniteCache<String, byte[]>, T> operation) {
    try {
      return calls.await(() -> operation.apply(cache.get()));
    } catch (CacheException | IgniteException | IllegalStateException e) {
      throw new GridUnavailable("the grid cannot serve now: " + e.getMessage(), e);
    }
  }
}
