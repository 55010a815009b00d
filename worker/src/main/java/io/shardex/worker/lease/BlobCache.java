package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.worker.link.Link;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs and chunks of blobs on disk, so that a later lease of the same job does not fetch them
 * again; the least recently used go first when the quota is full.
 *
 * <p>A piece is a file named by its blob's id and its chunk ({@code all} for a whole blob): the
 * SHA-256 of its content, then the content. What does not match is dropped and fetched again, so
 * neither a crash nor a failing disk spoils a training. A blob that a lease wants as a file is one
 * here ({@code file}; {@code file.part} while it is on its way), and the lease gets another link to
 * it: whatever is dropped here stays where it is used. For one thread at a time.
 */
final class BlobCache {
  private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

  /** Chunks fetched in one call: bounds what is in memory twice to 16 MiB. */
  private static final int WINDOW = 16;

  /** How far a file has to come for a line in the log. */
  private static final long TOLD_BYTES = 256L << 20;

  private static final String PART = ".part";
  private static final int MIB_BITS = 20;

  private final Link link;
  private final Path folder;
  private final Disk disk;
  private final long quotaBytes;
  private final InstantSource clock;

  /** Size of each piece's file, the least recently used first. */
  private final LinkedHashMap<String, Long> pieces = new LinkedHashMap<>(16, 0.75f, true);

  private long usedBytes;

  /** Where the cache lies. */
  interface Disk {
    /** What may still be written. */
    long freeBytes() throws IOException;
  }

  private BlobCache(Link link, Path folder, Disk disk, long quotaBytes, InstantSource clock) {
    this.link = link;
    this.folder = folder;
    this.disk = disk;
    this.quotaBytes = quotaBytes;
    this.clock = clock;
  }

  /** Opens the cache in a folder, with what an earlier process left there. */
  static BlobCache open(Link link, Path folder, long quotaBytes, InstantSource clock)
      throws IOException {
    return open(link, folder, () -> Files.getFileStore(folder).getUsableSpace(), quotaBytes, clock);
  }

  /** The same on any disk. */
  static BlobCache open(Link link, Path folder, Disk disk, long quotaBytes, InstantSource clock)
      throws IOException {
    Files.createDirectories(folder);
    BlobCache cache = new BlobCache(link, folder, disk, quotaBytes, clock);
    try (Stream<Path> found = Files.list(folder)) {
      List<Path> oldestFirst =
          found
              .filter(Files::isRegularFile)
              .sorted(Comparator.comparing(BlobCache::lastUse).thenComparing(Path::toString))
              .toList();
      for (Path piece : oldestFirst) {
        cache.count(piece.getFileName().toString(), Files.size(piece));
      }
    }
    cache.evict();
    return cache;
  }

  /**
   * A whole blob of at most {@code maxBytes}; a longer one is refused before its content is
   * fetched.
   */
  byte[] whole(Digest blob, int maxBytes) {
    String name = blob.hex() + "-all";
    Optional<byte[]> cached = read(name);
    if (cached.isPresent() && cached.get().length <= maxBytes) {
      return cached.get();
    }
    byte[] content = link.blob(blob, maxBytes);
    store(name, content);
    return content;
  }

  /**
   * Part of a blob, of which only the chunks around it are fetched.
   *
   * @param blobBytes length of the whole blob as its job describes it
   * @throws LeaseFailure if it has another length, or ends before the part does
   */
  byte[] range(Digest blob, long blobBytes, long offset, int length) throws LeaseFailure {
    if (offset + length > blobBytes) {
      throw new LeaseFailure(
          "expected %d bytes from %d of blob %s, but it has %d"
              .formatted(length, offset, blob.brief(), blobBytes));
    }
    byte[] part = new byte[length];
    int chunk = Math.toIntExact(offset / Manifest.CHUNK_BYTES);
    int end = Math.toIntExact((offset + length - 1) / Manifest.CHUNK_BYTES) + 1;
    while (chunk < end) {
      Optional<byte[]> cached = read(name(blob, chunk));
      int count = cached.isPresent() ? 1 : missing(blob, chunk, Math.min(end, chunk + WINDOW));
      byte[] content = cached.isPresent() ? cached.get() : fetch(blob, blobBytes, chunk, count);
      copy(content, (long) chunk * Manifest.CHUNK_BYTES - offset, part);
      chunk += count;
    }
    return part;
  }

  /**
   * Puts a whole blob where a lease wants it, as a file. What was fetched of it before a failure, a
   * kill or an earlier lease's end is verified and not fetched again.
   *
   * @param bytes its length as its job describes it
   * @param place a name that is free, on the cache's disk; a link to the cache's own file, for
   *     reading only
   * @throws LeaseFailure if it has another length, or the disk has no room for it
   */
  void place(Digest blob, long bytes, Path place) throws LeaseFailure {
    String name = blob.hex() + "-file";
    Path file = folder.resolve(name);
    try {
      if (isSound(name, blob)) {
        touch(name);
      } else {
        drop(name);
        fetch(blob, bytes, file);
        count(name, Files.size(file));
      }
      if (Files.size(file) != bytes) {
        throw new LeaseFailure(
            "expected blob %s to have %d bytes, but it has %d"
                .formatted(blob.brief(), bytes, Files.size(file)));
      }
      Files.createLink(place, file);
    } catch (UncheckedIOException | IOException e) {
      throw new LeaseFailure("cannot put blob %s on disk: %s".formatted(blob.brief(), e), e);
    }
    evict();
  }

  private boolean isSound(String name, Digest blob) throws IOException {
    if (!pieces.containsKey(name)) {
      return false;
    }
    try (InputStream content = Files.newInputStream(folder.resolve(name))) {
      if (Manifest.of(content).id().equals(blob)) {
        return true;
      }
      LOG.warn("the cached file {} is damaged; it is fetched again", name);
    } catch (NoSuchFileException e) {
      LOG.debug("the cached file {} was taken away", name);
    }
    return false;
  }

  /** Makes room first, so that what is on its way and the rest are within the quota together. */
  private void fetch(Digest blob, long bytes, Path file) throws LeaseFailure, IOException {
    String part = file.getFileName() + PART;
    // Asked for, it is the most recently used: all others go before it.
    Long there = pieces.get(part);
    long held = there == null ? 0 : there;
    int kept = there == null ? 0 : 1;
    while (usedBytes - held + bytes > quotaBytes && pieces.size() > kept) {
      drop(pieces.firstEntry().getKey());
    }
    long free = disk.freeBytes();
    if (bytes - held > free) {
      throw new LeaseFailure(
          "expected room for %d MiB more on the disk of %s, but there are %d; make room, or lower"
                  .formatted((bytes - held) >> MIB_BITS, folder, free >> MIB_BITS)
              + " 'cache' in the worker's config file");
    }
    long[] told = {0};
    try {
      link.blob(
          blob,
          file,
          bytes,
          (done, total) -> {
            if (done - told[0] >= TOLD_BYTES) {
              told[0] = done;
              LOG.info(
                  "fetched {} of {} MiB of blob {}",
                  done >> MIB_BITS,
                  total >> MIB_BITS,
                  blob.brief());
            }
          });
    } finally {
      Path partial = folder.resolve(part);
      if (Files.exists(partial)) {
        count(part, Files.size(partial));
      } else {
        forget(part);
      }
    }
  }

  /** Copies what of the content lies in the part, when it starts {@code at} there. */
  private static void copy(byte[] content, long at, byte[] part) {
    int from = (int) Math.max(0, -at);
    int to = (int) Math.max(0, at);
    System.arraycopy(content, from, part, to, Math.min(content.length - from, part.length - to));
  }

  /** Bytes on disk. */
  long usedBytes() {
    return usedBytes;
  }

  private int missing(Digest blob, int from, int end) {
    int chunk = from + 1;
    while (chunk < end && !pieces.containsKey(name(blob, chunk))) {
      chunk++;
    }
    return chunk - from;
  }

  private byte[] fetch(Digest blob, long blobBytes, int chunk, int count) throws LeaseFailure {
    long offset = (long) chunk * Manifest.CHUNK_BYTES;
    long expected = Math.min((long) count * Manifest.CHUNK_BYTES, blobBytes - offset);
    byte[] content = link.blob(blob, offset, count * Manifest.CHUNK_BYTES);
    if (content.length != expected) {
      throw new LeaseFailure(
          "expected blob %s to have %d bytes, but it has another length"
              .formatted(blob.brief(), blobBytes));
    }
    for (int i = 0; i * Manifest.CHUNK_BYTES < content.length; i++) {
      int from = i * Manifest.CHUNK_BYTES;
      int to = Math.min(content.length, from + Manifest.CHUNK_BYTES);
      store(name(blob, chunk + i), Arrays.copyOfRange(content, from, to));
    }
    return content;
  }

  private static String name(Digest blob, int chunk) {
    return blob.hex() + "-" + chunk;
  }

  private Optional<byte[]> read(String name) {
    if (!pieces.containsKey(name)) {
      return Optional.empty();
    }
    try {
      byte[] file = Files.readAllBytes(folder.resolve(name));
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

  /** A cache that cannot be written costs time, not the lease. */
  private void store(String name, byte[] content) {
    long size = Digest.BYTES + (long) content.length;
    if (size > quotaBytes) {
      return;
    }
    try (OutputStream out = new FileOutputStream(folder.resolve(name).toFile())) {
      out.write(Digest.sha256(content).bytes());
      out.write(content);
      count(name, size);
    } catch (IOException e) {
      LOG.warn("cannot write to the cache {}: {}", folder, e.toString());
      drop(name);
    }
    evict();
  }

  private void evict() {
    while (usedBytes > quotaBytes) {
      Map.Entry<String, Long> oldest = pieces.firstEntry();
      drop(oldest.getKey());
    }
  }

  private void count(String name, long size) {
    Long before = pieces.put(name, size);
    usedBytes += size - (before == null ? 0 : before);
  }

  private void forget(String name) {
    Long size = pieces.remove(name);
    usedBytes -= size == null ? 0 : size;
  }

  private void drop(String name) {
    forget(name);
    try {
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      LOG.warn("cannot delete {} from the cache: {}", name, e.toString());
    }
  }

  private void touch(String name) throws IOException {
    pieces.get(name);
    Files.setLastModifiedTime(folder.resolve(name), FileTime.from(clock.instant()));
  }

  private static FileTime lastUse(Path piece) {
    try {
      return Files.getLastModifiedTime(piece);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
