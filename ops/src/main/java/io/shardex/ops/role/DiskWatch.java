package io.shardex.ops.role;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the room on a node's disk. A node stops while it can still do so in order: a log or a
 * grid that meets the end of the disk in the midst of a write may take long to recover.
 */
final class DiskWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final long MIB = 1 << 20;

  private final Path folder;
  private final long least;
  private final CompletableFuture<Optional<Throwable>> full = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  private DiskWatch(Path folder, long least) {
    this.folder = folder;
    this.least = least;
  }

  /** There is too little room. */
  static final class DiskFull extends IOException {
    private static final long serialVersionUID = 1;

    DiskFull(Path folder, long free, long least) {
      super(
          "the disk of %s is full: %d MiB are free, and a node needs %d MiB to go on"
              .formatted(folder, free / MIB, least / MIB));
    }
  }

  /**
   * Looks once and then every two seconds.
   *
   * @param least bytes that must be free
   */
  static DiskWatch start(Path folder, long least) throws IOException {
    Files.createDirectories(folder);
    DiskWatch watch = new DiskWatch(folder, least);
    watch.look();
    Thread.ofVirtual().name("disk-watch").start(watch::run);
    return watch;
  }

  /** Completes when there is too little room. */
  CompletableFuture<Optional<Throwable>> full() {
    return full;
  }

  private void look() throws IOException {
    FileStore store = Files.getFileStore(folder);
    long free = store.getUsableSpace();
    if (free < least) {
      throw new DiskFull(folder, free, least);
    }
  }

  private void run() {
    try {
      while (!closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          look();
        } catch (DiskFull e) {
          full.complete(Optional.of(e));
          return;
        } catch (IOException e) {
          LOG.warn("the disk of {} cannot be looked at", folder, e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
