package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A small file system in a file, so that whoever writes to it can fill nothing but it: neither
 * bytes nor files outgrow it. Needs root and a loop device.
 */
final class BoundedDisk implements AutoCloseable {
  private static final long MIB = 1L << 20;

  /** For the file system's own tables, beside what was asked for. */
  private static final long OWN_MIB = 8;

  /** The file system's own, beside what was asked for. */
  private static final int OWN_FILES = 16;

  private final Path image;
  private final Path folder;

  private BoundedDisk(Path image, Path folder) {
    this.image = image;
    this.folder = folder;
  }

  /**
   * Makes one.
   *
   * @param image the file, which does not exist yet
   * @param folder an empty one, where it is mounted
   */
  static BoundedDisk make(Path image, Path folder, long mebibytes, int files)
      throws SandboxFailure {
    String mkfs = tool("mkfs.ext4", "e2fsprogs");
    String mount = tool("mount", "mount");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes(mebibytes));
    } catch (IOException e) {
      throw new SandboxFailure("the disk of a sandbox cannot be made: " + e.getMessage(), e);
    }
    BoundedDisk disk = new BoundedDisk(image, folder);
    try {
      // No journal, no share for root: what was asked for is there, and nothing of it is kept.
      HostTool.run(
              mkfs,
              "-q",
              "-F",
              "-m",
              "0",
              "-O",
              "^has_journal",
              "-N",
              String.valueOf(files(files)),
              image.toString())
          .orFail("mkfs.ext4");
      HostTool.run(
              mount,
              "-t",
              "ext4",
              "-o",
              "loop,nosuid,nodev,noatime",
              image.toString(),
              folder.toString())
          .orFail("mounting the disk of a sandbox");
      return disk;
    } catch (SandboxFailure | RuntimeException e) {
      disk.close();
      throw e;
    }
  }

  /** What a disk of so many MiB has, its own tables included. */
  static long bytes(long mebibytes) {
    return (mebibytes + OWN_MIB) * MIB;
  }

  /** What a disk for so many files has, its own folders included. */
  static int files(int files) {
    return files + OWN_FILES;
  }

  private static String tool(String name, String debianPackage) throws SandboxFailure {
    return HostTool.find(name)
        .map(Path::toString)
        .orElseThrow(
            () ->
                new SandboxFailure(
                    "the host has no %s; it is in Debian's package %s"
                        .formatted(name, debianPackage)));
  }

  /** A folder of its own at the top, for the command's user. */
  Path folder(String name) throws IOException {
    Path made = Files.createDirectory(folder.resolve(name));
    own(made);
    return made;
  }

  /** Gives a file, a folder or a link itself to the command's user. */
  static void own(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", ContainerConfig.USER, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", ContainerConfig.USER, LinkOption.NOFOLLOW_LINKS);
  }

  /** Unmounts and removes it, with all that is on it. */
  @Override
  public void close() throws SandboxFailure {
    unmount(folder);
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new SandboxFailure("the disk of a sandbox cannot be removed: " + e.getMessage(), e);
    }
  }

  /** Unmounts what is mounted there; nothing if nothing is. */
  static void unmount(Path folder) throws SandboxFailure {
    if (isMounted(folder)) {
      HostTool.run(tool("umount", "mount"), folder.toString())
          .orFail("unmounting the disk of a sandbox");
    }
  }

  private static boolean isMounted(Path folder) {
    try {
      String wanted = " " + folder.toRealPath() + " ";
      return Files.readString(Path.of("/proc/self/mountinfo")).contains(wanted);
    } catch (IOException e) {
      return false;
    }
  }
}
