package io.shardex.protocol.client;

import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes whole chunks of a file past the system's page cache, on a thread of its own while the next
 * one comes. What goes wrong is told with a later chunk, or when this is closed.
 */
final class PastCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PastCache.class);

  /** Where a chunk begins in memory, as most disks have it. */
  private static final int USUAL_BLOCK_BYTES = 4_096;

  /** Memory for chunks of files to come: what Java gives back of it waits for a collection. */
  private static final Queue<ByteBuffer> SPARE = new ArrayBlockingQueue<>(4);

  private final FileChannel channel;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("shardex-blob-file").factory());
  private ByteBuffer free;
  private ByteBuffer written;
  private Future<?> writing = CompletableFuture.completedFuture(null);

  private PastCache(FileChannel channel, int blockBytes) {
    this.channel = channel;
    this.free = block(blockBytes);
    this.written = block(blockBytes);
  }

  /** For a file that is there; nothing where its file system does not let it be. */
  static Optional<PastCache> open(Path file) {
    try {
      int blockBytes = Math.toIntExact(Files.getFileStore(file).getBlockSize());
      Optional<OpenOption> direct = direct();
      if (direct.isEmpty() || Manifest.CHUNK_BYTES % blockBytes != 0) {
        return Optional.empty();
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, direct.get());
      return Optional.of(new PastCache(channel, blockBytes));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("{} is written by way of the page cache", file, e);
      return Optional.empty();
    }
  }

  /** By its name: javac warns wherever the JDK's own class of it is mentioned. */
  private static Optional<OpenOption> direct() {
    try {
      return Stream.of(Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Where such a write begins in memory: at a block of the disk, like in the file. */
  private static ByteBuffer block(int blockBytes) {
    ByteBuffer spare = blockBytes <= USUAL_BLOCK_BYTES ? SPARE.poll() : null;
    int aligned = Math.max(blockBytes, USUAL_BLOCK_BYTES);
    return spare != null
        ? spare
        : ByteBuffer.allocateDirect(Manifest.CHUNK_BYTES + aligned)
            .alignedSlice(aligned)
            .slice(0, Manifest.CHUNK_BYTES);
  }

  /** Takes a chunk, and waits for the one before to be written. */
  void write(byte[] chunk, long at) throws IOException {
    ByteBuffer next = free.clear().put(chunk).flip();
    await();
    free = written;
    written = next;
    writing =
        thread.submit(
            () -> {
              BlobTarget.ToFile.write(channel, next, at);
              return null;
            });
  }

  private void await() throws IOException {
    try {
      writing.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public void close() throws IOException {
    thread.shutdown();
    try (channel) {
      await();
      // Not after a failure: then a write may be under way.
      var unused = SPARE.offer(free) && SPARE.offer(written);
    }
  }
}
