package io.shardex.ops.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder's lock file, held by one process at a time; the system lets go of it with the holder.
 */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock; the file is made if it is not there.
   *
   * @param file the lock file
   * @param taken what is said when somebody has it, this very JVM included
   */
  public static FolderLock take(Path file, Trouble taken) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return new FolderLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      // The holder is in this very JVM; it is in use all the same.
    }
    channel.close();
    throw taken;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
