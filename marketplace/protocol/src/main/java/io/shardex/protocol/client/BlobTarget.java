package io.shardex.protocol.client;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Where verified chunks go. */
sealed interface BlobTarget {
  /**
   * Called once, before the first chunk.
   *
   * @param from the first chunk that is asked for
   * @return the first one that is needed: {@code from}, or an earlier one
   */
  int begin(Manifest manifest, int from);

  /**
   * Called once for each chunk needed, in any order. The array is the caller's, for the next chunk.
   */
  void take(Manifest manifest, int index, byte[] chunk);

  /** All of a blob, in memory. */
  final class Whole implements BlobTarget {
    private final long maxBytes;
    private byte[] content = {};

    Whole(long maxBytes) {
      this.maxBytes = Math.min(maxBytes, Integer.MAX_VALUE - 8);
    }

    @Override
    public int begin(Manifest manifest, int from) {
      requireAtMost(maxBytes, manifest);
      content = new byte[Math.toIntExact(manifest.totalBytes())];
      return from;
    }

    @Override
    public void take(Manifest manifest, int index, byte[] chunk) {
      System.arraycopy(chunk, 0, content, (int) manifest.chunkOffset(index), chunk.length);
    }

    byte[] content() {
      return content;
    }
  }

  /** A range of a blob, in memory. */
  final class Range implements BlobTarget {
    private final long offset;
    private final int length;
    private byte[] content = {};

    Range(long offset, int length) {
      this.offset = offset;
      this.length = length;
    }

    @Override
    public int begin(Manifest manifest, int from) {
      content = new byte[Math.clamp(manifest.totalBytes() - offset, 0, length)];
      return from;
    }

    @Override
    public void take(Manifest manifest, int index, byte[] chunk) {
      long start = manifest.chunkOffset(index);
      long from = Math.max(start, offset);
      long to = Math.min(start + chunk.length, offset + content.length);
      if (from < to) {
        System.arraycopy(
            chunk, (int) (from - start), content, (int) (from - offset), (int) (to - from));
      }
    }

    byte[] content() {
      return content;
    }
  }

  /**
   * All of a blob, at its place in a file that may have its first chunks already. A large one goes
   * past the system's page cache where the file system lets it: there it would take the place of
   * what the machine's owner works with, and fresh pages may cost more than the rest of its way.
   * Such a chunk is written while the next one comes; what goes wrong is told with a later one, or
   * when this is closed.
   */
  final class ToFile implements BlobTarget, AutoCloseable {
    /** From here on it is large. */
    private static final long LARGE_BYTES = 64L << 20;

    private final Path file;
    private final FileChannel channel;
    private final long maxBytes;
    private Optional<PastCache> pastCache = Optional.empty();

    private ToFile(Path file, FileChannel channel, long maxBytes) {
      this.file = file;
      this.channel = channel;
      this.maxBytes = maxBytes;
    }

    /** Opens the file, a new one if there is none. */
    static ToFile open(Path file, long maxBytes) throws IOException {
      return new ToFile(
          file,
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
          maxBytes);
    }

    /** How many chunks the file may have already, going by its length. */
    int held() throws IOException {
      return (int) Math.min(channel.size() / Manifest.CHUNK_BYTES, Manifest.MAX_CHUNKS);
    }

    /** Keeps the chunks that are right, up to the first one that is not. */
    @Override
    public int begin(Manifest manifest, int from) {
      requireAtMost(maxBytes, manifest);
      try {
        int sound = 0;
        while (sound < Math.min(from, manifest.chunks().size()) && isSound(manifest, sound)) {
          sound++;
        }
        channel.truncate(Math.min((long) sound * Manifest.CHUNK_BYTES, manifest.totalBytes()));
        if (manifest.totalBytes() >= LARGE_BYTES) {
          pastCache = PastCache.open(file);
        }
        return sound;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot go on with what is there", e);
      }
    }

    private boolean isSound(Manifest manifest, int index) throws IOException {
      byte[] chunk =
          BlobSource.File.read(channel, manifest.chunkOffset(index), manifest.chunkBytes(index));
      return Digest.sha256(chunk).equals(manifest.chunks().get(index));
    }

    @Override
    public void take(Manifest manifest, int index, byte[] chunk) {
      try {
        if (pastCache.isPresent() && chunk.length == Manifest.CHUNK_BYTES) {
          pastCache.get().write(chunk, manifest.chunkOffset(index));
        } else {
          write(channel, ByteBuffer.wrap(chunk), manifest.chunkOffset(index));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write chunk " + index, e);
      }
    }

    static void write(FileChannel to, ByteBuffer bytes, long at) throws IOException {
      while (bytes.hasRemaining()) {
        to.write(bytes, at + bytes.position());
      }
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        if (pastCache.isPresent()) {
          pastCache.get().close();
        }
      }
    }
  }

  private static void requireAtMost(long maxBytes, Manifest manifest) {
    if (manifest.totalBytes() > maxBytes) {
      throw new InvalidCall(
          "expected a blob of at most %d bytes, but %s has %d"
              .formatted(maxBytes, manifest.id(), manifest.totalBytes()),
          null);
    }
  }
}
