package io.shardex.protocol.key;

import io.shardex.protocol.key.KeyFileException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A small file that only its owner may read (mode 0600). On a file system without POSIX modes the
 * mode is neither set nor checked.
 */
public final class PrivateFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
  private static final Set<PosixFilePermission> LEAKS =
      EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);

  private PrivateFile() {}

  /** Writes a new file through to the disk; it has its mode from the first byte on. */
  public static void create(Path file, byte[] content) throws KeyFileException {
    FileAttribute<?>[] mode =
        hasModes(file)
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Set<StandardOpenOption> options =
        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(file, options, mode)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new KeyFileException(
          Reason.EXISTS, file, "expected no file here, but there is one; choose another name");
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Reads a file of at most {@code maxBytes} that nobody else may read. */
  public static byte[] read(Path file, int maxBytes) throws KeyFileException {
    try (InputStream in = Files.newInputStream(file)) {
      requirePrivate(file);
      byte[] content = in.readNBytes(maxBytes + 1);
      if (content.length > maxBytes) {
        throw new KeyFileException(
            Reason.NOT_A_KEYSTORE,
            file,
            "expected at most " + maxBytes + " bytes, but it has more");
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new KeyFileException(Reason.MISSING, file, "expected a file, but there is none");
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void requirePrivate(Path file) throws IOException, KeyFileException {
    if (!hasModes(file)) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(LEAKS::contains)) {
      throw new KeyFileException(
          Reason.READABLE_BY_OTHERS,
          file,
          "expected mode rw-------, but it is %s; if nobody has read it, run chmod 600 on it"
              .formatted(PosixFilePermissions.toString(mode)));
    }
  }

  private static boolean hasModes(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static KeyFileException unreadable(Path file, IOException cause) {
    KeyFileException trouble = new KeyFileException(Reason.UNREADABLE, file, cause.toString());
    trouble.initCause(cause);
    return trouble;
  }
}
