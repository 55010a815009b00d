package io.shardex.worker.lease;

import io.shardex.market.Digest;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent's cache on disk, of one quota, which all its slots share through their {@link
 * BlobCache}s; the least recently used goes first when the quota is full.
 *
 * <p>A piece is a file named by its blob's id and its chunk: the SHA-256 of its content, then the
 * content. What does not match is dropped, so neither a crash nor a failing disk spoils a training.
 * A blob that a lease wants as a file is one here. Safe for many threads.
 */
public final class CacheFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CacheFolder.class);

  private final Path folder;
  private final Disk disk;
  private final long quotaBytes;
  private final InstantSource clock;

  /** Size of each file, the least recently used first. */
  private final LinkedHashMap<String, Long> files = new LinkedHashMap<>(16, 0.75f, true);

  /** What one slot works on, a blob or a file of it; such files are not dropped. */
  private final Set<String> held = new HashSet<>();

  private long usedBytes;

  /** Where the cache lies. */
  interface Disk {
    /** What may still be written. */
    long freeBytes() throws IOException;
  }

  private CacheFolder(Path folder, Disk disk, long quotaBytes, InstantSource clock) {
    this.folder = folder;
    this.disk = disk;
    this.quotaBytes = quotaBytes;
    this.clock = clock;
  }

  /**
   * Opens the cache in a folder, with what an earlier process left there.
   *
   * @param quotaBytes the most it may take
   */
  public static CacheFolder open(Path folder, long quotaBytes, InstantSource clock)
      throws IOException {
    return open(folder, () -> Files.getFileStore(folder).getUsableSpace(), quotaBytes, clock);
  }

  /** The same on any disk. */
  static CacheFolder open(Path folder, Disk disk, long quotaBytes, InstantSource clock)
      throws IOException {
    Files.createDirectories(folder);
    CacheFolder cache = new CacheFolder(folder, disk, quotaBytes, clock);
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> oldestFirst =
          found
              .filter(Files::isRegularFile)
              .sorted(Comparator.comparing(CacheFolder::lastUse).thenComparing(Path::toString))
              .toList();
      for (Path file : oldestFirst) {
        cache.count(file.getFileName().toString(), Files.size(file));
      }
    }
    cache.evict();
    return cache;
  }

  /** Bytes on disk, and those that are on their way. */
  synchronized long usedBytes() {
    return usedBytes;
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  synchronized boolean has(String name) {
    return files.containsKey(name);
  }

  /**
   * A piece's content; empty if it is not there or is damaged. Reads and hashes without keeping
   * other slots from the cache.
   */
  Optional<byte[]> read(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    try {
      byte[] file = Files.readAllBytes(path(name));
      if (file.length >= Digest.BYTES) {
        byte[] content = Arrays.copyOfRange(file, Digest.BYTES, file.length);
        if (Digest.of(Arrays.copyOf(file, Digest.BYTES)).equals(Digest.sha256(content))) {
          touch(name);
          return Optional.of(content);
        }
      }
      LOG.warn("the cached piece {} is damaged; it is fetched again", name);
    } catch (NoSuchFileException e) {
      LOG.debug("the cached piece {} was taken away", name);
    } catch (IOException e) {
      LOG.warn("the cached piece {} cannot be read: {}", name, e.toString());
    }
    drop(name);
    return Optional.empty();
  }

  /**
   * Keeps a piece, of which nobody else makes one meanwhile; a cache that cannot be written costs
   * time, not the lease.
   */
  void store(String name, byte[] content) {
    long size = Digest.BYTES + (long) content.length;
    if (size > quotaBytes) {
      return;
    }
    try (OutputStream out = new FileOutputStream(path(name).toFile())) {
      out.write(Digest.sha256(content).bytes());
      out.write(content);
      add(name, size);
    } catch (IOException e) {
      LOG.warn("cannot write to the cache {}: {}", folder, e.toString());
      drop(name);
    }
  }

  private synchronized void add(String name, long size) {
    count(name, size);
    evict();
  }

  /** Waits until no other slot works on it, and keeps them off until it is let go. */
  synchronized void hold(String name) throws InterruptedException {
    while (!held.add(name)) {
      wait();
    }
  }

  /** Lets go of what was held; a file may be dropped now, if the quota asks for that. */
  synchronized void release(String name) {
    held.remove(name);
    notifyAll();
    evict();
  }

  /**
   * Makes room for a file that is fetched next, so that what is on its way and all the rest are
   * within the quota together, and counts it as if it were there. Its name is held.
   *
   * @throws LeaseFailure if the disk has no room for it
   */
  synchronized void reserve(String name, long bytes) throws LeaseFailure, IOException {
    Long before = files.get(name);
    long there = before == null ? 0 : before;
    while (usedBytes - there + bytes > quotaBytes && dropOldest()) {
      // Until there is room, or nothing to drop.
    }
    long free = disk.freeBytes();
    if (bytes - there > free) {
      throw new LeaseFailure(
          "expected room for %d MiB more on the disk of %s, but there are %d; make room, or lower"
                  .formatted((bytes - there) >> 20, folder, free >> 20)
              + " 'cache' in the worker's config file");
    }
    count(name, bytes);
  }

  /** Counts a file as what it is on disk. */
  synchronized void settle(String name) throws IOException {
    Path file = path(name);
    if (Files.exists(file)) {
      count(name, Files.size(file));
    } else {
      forget(name);
    }
  }

  synchronized void drop(String name) {
    forget(name);
    try {
      Files.deleteIfExists(path(name));
    } catch (IOException e) {
      LOG.warn("cannot delete {} from the cache: {}", name, e.toString());
    }
  }

  /** Says that a file was used, if it is still there. */
  synchronized void touch(String name) throws IOException {
    if (files.get(name) != null) {
      Files.setLastModifiedTime(path(name), FileTime.from(clock.instant()));
    }
  }

  private void evict() {
    while (usedBytes > quotaBytes && dropOldest()) {
      // Until it is within its quota, or all that is left is held.
    }
  }

  private boolean dropOldest() {
    for (Iterator<Map.Entry<String, Long>> all = files.entrySet().iterator(); all.hasNext(); ) {
      String name = all.next().getKey();
      if (!held.contains(name)) {
        drop(name);
        return true;
      }
    }
    return false;
  }

  private void count(String name, long size) {
    Long before = files.put(name, size);
    usedBytes += size - (before == null ? 0 : before);
  }

  private void forget(String name) {
    Long size = files.remove(name);
    usedBytes -= size == null ? 0 : size;
  }

  private static FileTime lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
