package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs and chunks of blobs as one slot sees them: what the agent's {@link CacheFolder} has, and
 * the rest by the slot's own link, so that a later lease of the same job, in whichever slot, does
 * not fetch it again.
 *
 * <p>A piece is named by its blob's id and its chunk, {@code all} for a whole blob. A blob that a
 * lease wants as a file is one in the folder ({@code file}; {@code file.part} while it is on its
 * way), and the lease gets another link to it: whatever is dropped there stays where it is used.
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
  private final CacheFolder folder;

  BlobCache(Link link, CacheFolder folder) {
    this.link = link;
    this.folder = folder;
  }

  /**
   * A whole blob of at most {@code maxBytes}; a longer one is refused before its content is
   * fetched. If another slot fetches it, this one waits.
   */
  byte[] whole(Digest blob, int maxBytes) throws InterruptedException {
    folder.hold(blob.hex());
    try {
      String name = blob.hex() + "-all";
      Optional<byte[]> cached = folder.read(name);
      if (cached.isPresent() && cached.get().length <= maxBytes) {
        return cached.get();
      }
      byte[] content = link.blob(blob, maxBytes);
      folder.store(name, content);
      return content;
    } finally {
      folder.release(blob.hex());
    }
  }

  /**
   * Part of a blob, of which only the chunks around it are fetched, each by one slot.
   *
   * @param blobBytes length of the whole blob as its job describes it
   * @throws LeaseFailure if it has another length, or ends before the part does
   */
  byte[] range(Digest blob, long blobBytes, long offset, int length)
      throws LeaseFailure, InterruptedException {
    if (offset + length > blobBytes) {
      throw new LeaseFailure(
          "expected %d bytes from %d of blob %s, but it has %d"
              .formatted(length, offset, blob.brief(), blobBytes));
    }
    byte[] part = new byte[length];
    int chunk = Math.toIntExact(offset / Manifest.CHUNK_BYTES);
    int end = Math.toIntExact((offset + length - 1) / Manifest.CHUNK_BYTES) + 1;
    while (chunk < end) {
      byte[] content = window(blob, blobBytes, chunk, Math.min(end, chunk + WINDOW));
      copy(content, (long) chunk * Manifest.CHUNK_BYTES - offset, part);
      chunk += Math.ceilDiv(content.length, Manifest.CHUNK_BYTES);
    }
    return part;
  }

  /** One chunk that is here, or up to {@code end} those that are not, one at least. */
  private byte[] window(Digest blob, long blobBytes, int chunk, int end)
      throws LeaseFailure, InterruptedException {
    folder.hold(blob.hex());
    try {
      Optional<byte[]> cached = folder.read(name(blob, chunk));
      return cached.isPresent()
          ? cached.get()
          : fetch(blob, blobBytes, chunk, missing(blob, chunk, end));
    } finally {
      folder.release(blob.hex());
    }
  }

  /**
   * Puts a whole blob where a lease wants it, as a file. What was fetched of it before a failure, a
   * kill or an earlier lease's end is verified and not fetched again; if another slot fetches it,
   * this one waits.
   *
   * @param bytes its length as its job describes it
   * @param place a name that is free, on the cache's disk; a link to the cache's own file, for
   *     reading only
   * @throws LeaseFailure if it has another length, or the disk has no room for it
   */
  void place(Digest blob, long bytes, Path place) throws LeaseFailure, InterruptedException {
    String name = blob.hex() + "-file";
    folder.hold(name);
    try {
      placeHeld(blob, bytes, name, place);
    } catch (UncheckedIOException | IOException e) {
      throw new LeaseFailure("cannot put blob %s on disk: %s".formatted(blob.brief(), e), e);
    } finally {
      folder.release(name);
    }
  }

  private void placeHeld(Digest blob, long bytes, String name, Path place)
      throws LeaseFailure, IOException, InterruptedException {
    if (isSound(name, blob)) {
      folder.touch(name);
    } else {
      folder.drop(name);
      fetch(blob, bytes, name);
    }
    Path file = folder.path(name);
    if (Files.size(file) != bytes) {
      throw new LeaseFailure(
          "expected blob %s to have %d bytes, but it has %d"
              .formatted(blob.brief(), bytes, Files.size(file)));
    }
    Files.createLink(place, file);
  }

  private boolean isSound(String name, Digest blob) throws IOException {
    if (!folder.has(name)) {
      return false;
    }
    try (InputStream content = Files.newInputStream(folder.path(name))) {
      if (Manifest.of(content).id().equals(blob)) {
        return true;
      }
      LOG.warn("the cached file {} is damaged; it is fetched again", name);
    } catch (NoSuchFileException e) {
      LOG.debug("the cached file {} was taken away", name);
    }
    return false;
  }

  private void fetch(Digest blob, long bytes, String name)
      throws LeaseFailure, IOException, InterruptedException {
    String part = name + PART;
    folder.hold(part);
    try {
      folder.reserve(part, bytes);
      long[] told = {0};
      link.blob(
          blob,
          folder.path(name),
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
      folder.settle(part);
      folder.settle(name);
      folder.release(part);
    }
  }

  /** Copies what of the content lies in the part, when it starts {@code at} there. */
  private static void copy(byte[] content, long at, byte[] part) {
    int from = (int) Math.max(0, -at);
    int to = (int) Math.max(0, at);
    System.arraycopy(content, from, part, to, Math.min(content.length - from, part.length - to));
  }

  private int missing(Digest blob, int from, int end) {
    int chunk = from + 1;
    while (chunk < end && !folder.has(name(blob, chunk))) {
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
      folder.store(name(blob, chunk + i), Arrays.copyOfRange(content, from, to));
    }
    return content;
  }

  private static String name(Digest blob, int chunk) {
    return blob.hex() + "-" + chunk;
  }
}
