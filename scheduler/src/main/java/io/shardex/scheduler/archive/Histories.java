package io.shardex.scheduler.archive;

import io.shardex.market.Stamp;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Histories on this node's disk, one file a subject, named by it. One thread writes, any may read.
 * What could not be written is never gone on from: every later call throws.
 *
 * @param <K> the subject; its text names its file
 */
final class Histories<K> implements AutoCloseable {
  /** Files kept open for writing. */
  private static final int OPEN_FILES = 64;

  private final Path folder;
  private final String what;
  private final LinkedHashMap<K, StampedFile<Chronicled, Stamp>> open =
      new LinkedHashMap<>(16, 0.75f, true);
  private Set<Path> unsynced = new HashSet<>();
  private volatile @Nullable UncheckedIOException failure;

  private Histories(Path folder, String what) {
    this.folder = folder;
    this.what = what;
  }

  /**
   * Opens a folder, which is made if it is not there.
   *
   * @param what they are, in words, as "the chronicle of jobs"
   */
  static <K> Histories<K> open(Path folder, String what) throws IOException {
    Files.createDirectories(folder);
    return new Histories<>(folder, what);
  }

  /** Throws if an earlier write failed. */
  void requireSound() {
    UncheckedIOException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  /** Appends to a subject's history, unless it is there from a run before. */
  void keep(K subject, Chronicled happened) throws IOException {
    StampedFile<Chronicled, Stamp> file = open.get(subject);
    if (file == null) {
      file = StampedFile.open(fileOf(subject), Chronicled.CODEC, Chronicled::at);
      open.put(subject, file);
      closeOldest();
    }
    if (file.append(happened)) {
      touched(fileOf(subject));
    }
  }

  /** A subject's history from a byte on; empty if there is none. */
  StampedFile.Values<Chronicled> read(K subject, long from) throws IOException {
    return StampedFile.values(fileOf(subject), from, Chronicled.CODEC);
  }

  /** A file that the next sync is to include. */
  void touched(Path file) {
    unsynced.add(file);
  }

  /** All that was kept so far, to be synced on any thread. */
  LogKeeper.Durable written() {
    Set<Path> files = unsynced;
    unsynced = new HashSet<>();
    return () -> {
      try {
        for (Path file : files) {
          sync(file, StandardOpenOption.WRITE);
        }
        sync(folder, StandardOpenOption.READ);
      } catch (IOException e) {
        UncheckedIOException told = fail(-1, e); // the next event stops the node
        throw new IOException(told.getMessage(), e);
      }
    };
  }

  /** Remembers a write that failed, and says so. */
  UncheckedIOException fail(long index, IOException e) {
    UncheckedIOException failed =
        new UncheckedIOException(
            "%s in %s cannot be written%s: %s"
                .formatted(what, folder, index < 0 ? "" : " at index " + index, e.getMessage()),
            e);
    failure = failed;
    return failed;
  }

  @Override
  public void close() throws IOException {
    for (StampedFile<Chronicled, Stamp> file : open.values()) {
      file.close();
    }
    open.clear();
  }

  private void closeOldest() throws IOException {
    if (open.size() > OPEN_FILES) {
      open.pollFirstEntry().getValue().close();
    }
  }

  private Path fileOf(K subject) {
    return folder.resolve(subject.toString());
  }

  private static void sync(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
