package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The grid's rules over two maps in memory, for tests that need no Ignite. */
public final class MapGrid implements BlobGrid {
  final Bytes pieces = new Bytes();
  final Bytes claims = new Bytes();
  private final ContentStore store;
  private final AtomicInteger fetched = new AtomicInteger();
  private volatile Runnable beforePut = () -> {};
  private volatile Consumer<Digest> beforeChunk = digest -> {};
  private volatile GridStatus status = new GridStatus(true, 1, 1, 0, 0, 0);

  public MapGrid(BlobQuota quota, Duration uploadTtl, InstantSource clock) {
    store = new ContentStore(pieces, claims, quota, uploadTtl, clock);
  }

  @Override
  public List<Integer> announce(String uploader, Manifest manifest) {
    return store.announce(uploader, manifest);
  }

  @Override
  public void put(Manifest manifest, int index, byte[] chunk) {
    beforePut.run();
    store.put(manifest, index, chunk);
  }

  @Override
  public Optional<Manifest> manifest(Digest blob) {
    return store.manifest(blob);
  }

  @Override
  public Optional<byte[]> chunk(Digest digest) {
    beforeChunk.accept(digest);
    return store.chunk(digest);
  }

  @Override
  public Optional<byte[]> unverified(Digest digest) {
    if (!pieces.holds.test(digest.hex())) {
      fetched.incrementAndGet();
    }
    return store.unverified(digest);
  }

  @Override
  public Optional<byte[]> held(Digest digest) {
    return store.held(digest);
  }

  @Override
  public BlobStat stat(Digest blob) {
    return store.stat(blob);
  }

  @Override
  public boolean delete(Digest blob) {
    return store.delete(blob);
  }

  @Override
  public boolean release(Digest blob, String uploader) {
    return store.release(blob, uploader);
  }

  @Override
  public Swept sweep(Set<Digest> live) {
    return store.sweep(live);
  }

  @Override
  public GridStatus status() {
    return status;
  }

  /** Says from now on that it is so. */
  public void show(GridStatus now) {
    status = now;
  }

  /** Turns a bit of a stored chunk. */
  public void spoil(Digest chunk) {
    byte[] bytes = pieces.get(chunk.hex()).orElseThrow();
    bytes[bytes.length / 2] ^= 1;
    pieces.put(chunk.hex(), bytes);
  }

  /** From now on has a copy of these pieces only; others come from somewhere else. */
  public void holds(Predicate<Digest> copies) {
    pieces.holds = key -> copies.test(Digest.parse(key));
  }

  /** How often it was read what another node holds. */
  public int fetched() {
    return fetched.get();
  }

  /** Runs this from now on before a chunk is put. */
  public void beforePut(Runnable hook) {
    beforePut = hook;
  }

  /** Runs this from now on before a chunk is read. */
  public void beforeChunk(Consumer<Digest> hook) {
    beforeChunk = hook;
  }

  /** Bytes charged to uploaders. */
  long claimedBytes() {
    return store.claimed().stream().mapToLong(Claim::bytes).sum();
  }

  @Override
  public void close() {}

  /** A {@link ByteMap} under one lock. */
  static class Bytes implements ByteMap {
    private final Map<String, byte[]> map = new TreeMap<>();
    private volatile Predicate<String> holds = key -> true;

    @Override
    public synchronized Optional<byte[]> get(String key) {
      return Optional.ofNullable(map.get(key)).map(byte[]::clone);
    }

    @Override
    public synchronized Optional<byte[]> held(String key) {
      return holds.test(key) ? get(key) : Optional.empty();
    }

    @Override
    public synchronized boolean contains(String key) {
      return map.containsKey(key);
    }

    @Override
    public synchronized boolean putIfAbsent(String key, byte[] value) {
      return map.putIfAbsent(key, value.clone()) == null;
    }

    @Override
    public synchronized void put(String key, byte[] value) {
      map.put(key, value.clone());
    }

    @Override
    public synchronized boolean replace(String key, byte[] expected, byte[] next) {
      boolean equal = Arrays.equals(map.get(key), expected);
      if (equal) {
        map.put(key, next.clone());
      }
      return equal;
    }

    @Override
    public synchronized boolean remove(String key, byte[] expected) {
      boolean equal = Arrays.equals(map.get(key), expected);
      if (equal) {
        map.remove(key);
      }
      return equal;
    }

    @Override
    public synchronized void remove(String key) {
      map.remove(key);
    }

    @Override
    public synchronized Set<String> keys() {
      return Set.copyOf(map.keySet());
    }

    @Override
    public synchronized Map<String, byte[]> entries() {
      return Map.copyOf(map);
    }
  }
}
