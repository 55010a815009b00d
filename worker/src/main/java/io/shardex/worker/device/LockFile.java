package io.shardex.worker.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A file that one holder at a time has locked; the system lets go of it with the process. */
public final class LockFile implements AutoCloseable {
  /**
   * Files that this process has locked, by device and inode. A lock of POSIX is the process's: to
   * open such a file a second time and close it again would drop the first holder's lock.
   */
  private static final Set<Object> OURS = new HashSet<>();

  private final FileChannel channel;
  private final Object key;

  private LockFile(FileChannel channel, Object key) {
    this.channel = channel;
    this.key = key;
  }

  /**
   * Locks the file, which is made if it is not there. A link in its place is refused.
   *
   * @return empty if somebody has it, this very process included
   */
  public static Optional<LockFile> take(Path file) throws IOException {
    synchronized (OURS) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && OURS.contains(key(file))) {
        return Optional.empty();
      }
      FileChannel channel = open(file);
      try {
        if (channel.tryLock() != null) {
          LockFile taken = new LockFile(channel, key(file));
          OURS.add(taken.key);
          return Optional.of(taken);
        }
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      channel.close();
      return Optional.empty();
    }
  }

  private static Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /**
   * Opens a file that is there without asking for a new one: in a folder of everybody's the kernel
   * lets nobody, root included, open another one's file by asking to make it.
   */
  private static FileChannel open(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      try {
        FileChannel made =
            FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        // Nothing is ever in it, and another user's agent must be able to find it locked.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        return made;
      } catch (FileAlreadyExistsException justMade) {
        return FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (OURS) {
      if (channel.isOpen()) {
        OURS.remove(key);
        channel.close();
      }
    }
  }
}
