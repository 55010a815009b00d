package io.shardex.protocol.client;

import io.shardex.protocol.blob.MalformedBlob;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Content to upload, read chunk by chunk so that a file of any size needs one chunk of memory. */
sealed interface BlobSource extends AutoCloseable {
  Manifest manifest();

  /**
   * The bytes of chunk {@code index}.
   *
   * @throws UncheckedIOException if it cannot be read or has changed since the manifest was made
   */
  byte[] chunk(int index);

  @Override
  void close();

  static BlobSource of(byte[] content) {
    return new Memory(content, Manifest.of(content));
  }

  /** Reads the file twice: now for its digests, later chunk by chunk. */
  static BlobSource of(Path file) {
    try {
      FileChannel channel = FileChannel.open(file);
      try {
        return new File(channel, Manifest.of(Channels.newInputStream(channel)));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Content in memory. */
  final class Memory implements BlobSource {
    private final byte[] content;
    private final Manifest manifest;

    private Memory(byte[] content, Manifest manifest) {
      this.content = content;
      this.manifest = manifest;
    }

    @Override
    public Manifest manifest() {
      return manifest;
    }

    @Override
    public byte[] chunk(int index) {
      return manifest.slice(content, index);
    }

    @Override
    public void close() {}
  }

  /** A file. */
  record File(FileChannel channel, Manifest manifest) implements BlobSource {
    @Override
    public byte[] chunk(int index) {
      try {
        byte[] bytes = read(channel, manifest.chunkOffset(index), manifest.chunkBytes(index));
        manifest.verifyChunk(index, bytes);
        return bytes;
      } catch (MalformedBlob e) {
        throw new UncheckedIOException(new IOException("the file changed meanwhile", e));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read chunk " + index, e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static byte[] read(FileChannel channel, long at, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(length);
      while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {
        // A channel may give less than asked.
      }
      if (buffer.hasRemaining()) {
        throw new IOException("the file became shorter while it was read");
      }
      return buffer.array();
    }
  }
}
