package io.shardex.worker.lease;

import io.shardex.market.Network;
import io.shardex.market.TaskId;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * What an agent keeps on disk: {@code journal} with its commitments, {@code cache} with what it has
 * fetched, and {@code lock}, which keeps a second agent out.
 */
public final class LeaseFolder implements AutoCloseable {
  private final RandomAccessFile lock;
  private final Journal journal;
  private final Staging staging;

  private LeaseFolder(RandomAccessFile lock, Journal journal, Staging staging) {
    this.lock = lock;
    this.journal = journal;
    this.staging = staging;
  }

  /**
   * Opens the folder, which is made if it is not there.
   *
   * @param cacheBytes the most the cache may take
   * @param memoryMiB the most memory a lease may need
   * @throws IOException naming what is wrong: another agent uses it, or its journal is of another
   *     format
   */
  public static LeaseFolder open(
      Path folder, Link link, Network network, long cacheBytes, int memoryMiB, InstantSource clock)
      throws IOException {
    Files.createDirectories(folder);
    RandomAccessFile lock = lock(folder);
    try {
      BlobCache cache = BlobCache.open(link, folder.resolve("cache"), cacheBytes, clock);
      return new LeaseFolder(
          lock, Journal.open(folder.resolve("journal")), new Staging(cache, network, memoryMiB));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * A lease that a worker has committed to a result of.
   *
   * @param task a training or an audit
   */
  public record Committed(TaskId task, long fence) {}

  /** What a folder's journal holds, oldest first; takes no lock and changes nothing. */
  public static List<Committed> committed(Path folder) throws IOException {
    return Journal.read(folder.resolve("journal")).stream()
        .map(one -> new Committed(one.task(), one.fence()))
        .toList();
  }

  Journal journal() {
    return journal;
  }

  Staging staging() {
    return staging;
  }

  @Override
  public void close() throws IOException {
    try {
      journal.close();
    } finally {
      lock.close();
    }
  }

  private static RandomAccessFile lock(Path folder) throws IOException {
    RandomAccessFile file = new RandomAccessFile(folder.resolve("lock").toFile(), "rw");
    try {
      // Held until the file is closed.
      FileLock held = file.getChannel().tryLock();
      if (held != null) {
        return file;
      }
    } catch (OverlappingFileLockException e) {
      file.close();
      throw new IOException("another agent of this process uses " + folder, e);
    }
    file.close();
    throw new IOException("another agent uses " + folder);
  }
}
