package io.shardex.worker.lease;

import io.shardex.market.Network;
import io.shardex.market.TaskId;
import io.shardex.worker.device.LockFile;
import io.shardex.worker.link.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a slot keeps on disk: {@code journal} with its commitments, {@code checkpoint} with how far
 * its lease is, and {@code lock}, which keeps a second agent out.
 */
public final class LeaseFolder implements AutoCloseable {
  private final LockFile lock;
  private final Journal journal;
  private final CheckpointFile checkpoint;
  private final Staging staging;

  private LeaseFolder(LockFile lock, Journal journal, CheckpointFile checkpoint, Staging staging) {
    this.lock = lock;
    this.journal = journal;
    this.checkpoint = checkpoint;
    this.staging = staging;
  }

  /**
   * Opens the folder, which is made if it is not there.
   *
   * @param cache what has been fetched, whichever slot wanted it
   * @param memoryMiB the most memory a lease may need
   * @throws IOException naming what is wrong: another agent uses it, or its journal is of another
   *     format
   */
  public static LeaseFolder open(
      Path folder, Link link, Network network, CacheFolder cache, int memoryMiB)
      throws IOException {
    Files.createDirectories(folder);
    LockFile lock =
        LockFile.take(folder.resolve("lock"))
            .orElseThrow(() -> new IOException("another agent uses " + folder));
    try {
      return new LeaseFolder(
          lock,
          Journal.open(folder.resolve("journal")),
          new CheckpointFile(folder.resolve("checkpoint")),
          new Staging(new BlobCache(link, cache), network, memoryMiB));
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

  CheckpointFile checkpoint() {
    return checkpoint;
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
}
