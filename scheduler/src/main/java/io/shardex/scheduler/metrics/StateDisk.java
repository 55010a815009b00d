package io.shardex.scheduler.metrics;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What the folder of Raft's log and snapshots takes on disk.
 *
 * @param logBytes all log files
 * @param snapshotMillis when the newest snapshot was written, in milliseconds since 1970; 0 if
 *     there is none
 * @param freeBytes what this process may still write on that disk; 0 if it cannot be asked
 */
record StateDisk(long logBytes, long snapshotMillis, long freeBytes) {
  static StateDisk of(Path folder) {
    Sizes sizes = new Sizes();
    try {
      Files.walkFileTree(folder, sizes);
      return new StateDisk(
          sizes.logBytes, sizes.snapshotMillis, Files.getFileStore(folder).getUsableSpace());
    } catch (IOException e) {
      return new StateDisk(sizes.logBytes, sizes.snapshotMillis, 0);
    }
  }

  private static final class Sizes extends SimpleFileVisitor<Path> {
    private long logBytes;
    private long snapshotMillis;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = file.getFileName().toString();
      if (name.startsWith("log_")) {
        logBytes += attributes.size();
      } else if (name.matches("snapshot\\.\\d+_\\d+")) {
        snapshotMillis = Math.max(snapshotMillis, attributes.lastModifiedTime().toMillis());
      }
      return FileVisitResult.CONTINUE;
    }

    /** Log files are purged while this looks. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
