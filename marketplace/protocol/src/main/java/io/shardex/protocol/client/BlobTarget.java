package io.shardex.protocol.client;

import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where verified chunks go. */
sealed interface BlobTarget {
  /** Called once, before the first chunk. */
  void begin(Manifest manifest);

  /** Called once for each chunk asked for, in order. */
  void take(Manifest manifest, int index, byte[] chunk);

  /** All of a blob, in memory. */
  final class Whole implements BlobTarget {
    private final long maxBytes;
    private byte[] content = {};

    Whole(long maxBytes) {
      this.maxBytes = Math.min(maxBytes, Integer.MAX_VALUE - 8);
    }

    @Override
    public void begin(Manifest manifest) {
      if (manifest.totalBytes() > maxBytes) {
        throw new InvalidCall(
            "expected a blob of at most %d bytes, but %s has %d"
                .formatted(maxBytes, manifest.id(), manifest.totalBytes()),
            null);
      }
      content = new byte[Math.toIntExact(manifest.totalBytes())];
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
    public void begin(Manifest manifest) {
      content = new byte[Math.clamp(manifest.totalBytes() - offset, 0, length)];
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

  /** All of a blob, at its place in a file. */
  record ToFile(FileChannel channel) implements BlobTarget {
    @Override
    public void begin(Manifest manifest) {}

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
}
