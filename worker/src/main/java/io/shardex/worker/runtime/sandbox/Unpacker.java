package io.shardex.worker.runtime.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks strangers' tars, plain or gzipped, into one folder and nowhere else. Names that climb out
 * of it or lead through a link are refused; device nodes and pipes are left out, owners and
 * set-user-id bits are dropped; blocks and entries are counted as they come, so that a small
 * archive cannot become a large tree.
 */
final class Unpacker {
  /** What a disk usually gives at least to a file, a folder or a link. */
  private static final int BLOCK = 4_096;

  private static final int LONGEST_NAME = 4_096;
  private static final int DEEPEST = 128;
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  private final Path root;
  private final Bounds bounds;
  private long bytes;
  private int entries;

  /**
   * The most a tree may have.
   *
   * @param bytes on disk, in whole blocks
   * @param entries files, folders and links
   */
  record Bounds(long bytes, int entries) {}

  /** An unpacker for one tree, over all of its layers. */
  Unpacker(Path root, Bounds bounds) {
    this.root = root;
    this.bounds = bounds;
  }

  /**
   * Unpacks one tar over what is there.
   *
   * @param layered whether names beginning with {@code .wh.} take away what lower layers brought
   */
  void unpack(InputStream tar, boolean layered) throws SandboxFailure, IOException {
    try (TarArchiveInputStream archive = new TarArchiveInputStream(plain(tar), "UTF-8")) {
      TarArchiveEntry entry;
      while ((entry = archive.getNextEntry()) != null) {
        count(entry);
        take(archive, entry, layered);
      }
    } catch (IllegalArgumentException e) {
      throw new SandboxFailure("the archive is damaged: " + e.getMessage(), e);
    }
  }

  private static InputStream plain(InputStream tar) throws IOException {
    BufferedInputStream in = new BufferedInputStream(tar, 1 << 16);
    in.mark(2);
    boolean gzipped = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzipped ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private void count(TarArchiveEntry entry) throws SandboxFailure {
    if (++entries > bounds.entries()) {
      throw new SandboxFailure("the archive has more than %d entries".formatted(bounds.entries()));
    }
    if (!entry.isDirectory()) {
      grow(entry.isSparse() ? Math.max(entry.getRealSize(), entry.getSize()) : entry.getSize());
    }
  }

  /** What was unpacked takes, in whole blocks; what a later layer replaced is counted, too. */
  long bytes() {
    return bytes;
  }

  /** A stranger's size is compared before it is added, as the sum of two might be negative. */
  private void grow(long size) throws SandboxFailure {
    long blocks = Math.max(1, Math.ceilDiv(size, BLOCK));
    if (blocks > (bounds.bytes() - bytes) / BLOCK) {
      throw new SandboxFailure(
          "unpacked, the archive has more than %d bytes".formatted(bounds.bytes()));
    }
    bytes += blocks * BLOCK;
  }

  private void take(TarArchiveInputStream archive, TarArchiveEntry entry, boolean layered)
      throws SandboxFailure, IOException {
    Path target = place(entry.getName());
    String name = target.equals(root) ? "" : String.valueOf(target.getFileName());
    if (layered && name.equals(OPAQUE)) {
      Folders.empty(parent(target));
    } else if (layered && name.startsWith(WHITEOUT)) {
      Folders.remove(
          place(
              root.relativize(target.resolveSibling(name.substring(WHITEOUT.length())))
                  .toString()));
    } else if (entry.isDirectory()) {
      folder(target);
      mode(target, entry.getMode());
    } else if (entry.isSymbolicLink()) {
      makeRoom(target);
      // Followed inside the container only, where nothing but the tree can be reached.
      Files.createSymbolicLink(target, Path.of(bounded(entry.getLinkName())));
    } else if (entry.isLink()) {
      Path original = place(entry.getLinkName());
      if (!Files.isRegularFile(original, LinkOption.NOFOLLOW_LINKS)) {
        throw new SandboxFailure(
            "%s is a hard link to %s, which is no file of the archive"
                .formatted(shown(entry.getName()), shown(entry.getLinkName())));
      }
      makeRoom(target);
      Files.createLink(target, original);
    } else if (isOrdinary(entry)) {
      makeRoom(target);
      try (OutputStream out =
          Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        archive.transferTo(out);
      }
      mode(target, entry.getMode());
    }
  }

  /** The library calls everything a file that is no folder. */
  private static boolean isOrdinary(TarArchiveEntry entry) {
    return entry.isFile()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO();
  }

  /** Where an entry belongs: below the root, and through no link. */
  private Path place(String name) throws SandboxFailure, IOException {
    Path target;
    try {
      target = Path.of(bounded(name));
    } catch (IllegalArgumentException e) {
      throw new SandboxFailure("no name of a file: " + shown(name), e);
    }
    if (target.isAbsolute() || climbs(target)) {
      throw new SandboxFailure(shown(name) + " leads out of the archive's folder");
    }
    target = root.resolve(target).normalize();
    if (root.relativize(target).getNameCount() > DEEPEST) {
      throw new SandboxFailure(shown(name) + " lies deeper than " + DEEPEST + " folders");
    }
    Path step = root;
    for (Path part : root.relativize(target)) {
      if (step.equals(target)) {
        break;
      }
      if (Files.isSymbolicLink(step)) {
        throw new SandboxFailure(
            "%s leads through the link %s; pack it under the folder's own name"
                .formatted(shown(name), shown(root.relativize(step).toString())));
      }
      step = step.resolve(part);
    }
    return target;
  }

  private static boolean climbs(Path path) {
    for (Path part : path) {
      if (part.toString().equals("..")) {
        return true;
      }
    }
    return false;
  }

  private static String bounded(String name) throws SandboxFailure {
    if (name.isEmpty() || name.length() > LONGEST_NAME || name.indexOf('\0') >= 0) {
      throw new SandboxFailure("no name of a file: " + shown(name));
    }
    return name;
  }

  private void makeRoom(Path target) throws SandboxFailure, IOException {
    if (target.equals(root)) {
      throw new SandboxFailure("the archive's own folder is no folder in it");
    }
    folder(parent(target));
    Folders.remove(target);
  }

  private static Path parent(Path target) {
    Path parent = target.getParent();
    return parent == null ? target : parent;
  }

  private void folder(Path target) throws SandboxFailure, IOException {
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!target.equals(root)) {
      folder(parent(target));
    }
    Folders.remove(target);
    grow(0);
    Files.createDirectory(target);
    if (++entries > bounds.entries()) {
      throw new SandboxFailure("the archive has more than %d entries".formatted(bounds.entries()));
    }
  }

  /** Readable by all, since the command is nobody's user; executable and writable as it says. */
  private static void mode(Path target, int mode) throws IOException {
    Set<PosixFilePermission> permissions =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0111) != 0 || Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    Files.setPosixFilePermissions(target, permissions);
  }

  private static String shown(String name) {
    String text = name.replaceAll("\\p{Cntrl}", "?");
    return "'" + (text.length() > 120 ? text.substring(0, 120) + "..." : text) + "'";
  }
}
