package io.shardex.protocol.client;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where verified chunks go. */
sealed interface BlobTarget {
  /**
   * Called once, before the first chunk.
   *
   * @param from the first chunk that is asked for
   * @return the first one that is needed: {@code from}, or an earlier one
   */
  int begin(Manifest manifest, int from);

  /** Called once for each chunk needed, in order. The array is the caller's, for the next chunk. */
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
   * All of a blob, at its place in a file that may have its first chunks already.
   *
   * @param channel readable and writable
   */
  record ToFile(FileChannel channel, long maxBytes) implements BlobTarget {
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
        ByteBuffer buffer = ByteBuffer.wrap(chunk);
        while (buffer.hasRemaining()) {
          channel.write(buffer, manifest.chunkOffset(index) + buffer.position());
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write chunk " + index, e);
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
