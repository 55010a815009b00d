package io.shardex.worker.runtime.sandbox;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Packs what a command left. The same files give the same bytes: sorted by name, without times and
 * owners. Folders and ordinary files only: a link could lead anywhere on the host, so it is left
 * out and counted.
 */
public final class OutputTar {
  private static final int HEADER = 512;
  private static final int LONGEST_NAME = 255;

  private OutputTar() {}

  /**
   * What was packed.
   *
   * @param files packed
   * @param leftOut links, pipes, sockets and names that no tar should carry
   */
  public record Packed(int files, int leftOut, long bytes) {}

  /**
   * Packs a folder whose writers have ended, as {@code out/}, and some texts beside it.
   *
   * @param besides the texts, by name
   * @param tar a file to be written
   * @param most bytes the tar may have
   * @throws SandboxFailure if it would be larger, before anything is written
   */
  public static Packed pack(Path folder, SortedMap<String, byte[]> besides, Path tar, long most)
      throws SandboxFailure, IOException {
    List<Path> found;
    try (Stream<Path> all = Files.walk(folder)) {
      found = all.sorted().toList();
    }
    List<Path> packed = new ArrayList<>();
    int leftOut = 0;
    int files = 0;
    long bytes = 2L * TarConstants.DEFAULT_BLKSIZE;
    for (byte[] text : besides.values()) {
      bytes += 2L * HEADER + text.length;
    }
    for (Path path : found) {
      BasicFileAttributes what = attributes(path);
      String name = name(folder, path);
      if (!(what.isDirectory() || what.isRegularFile())
          || name.length() > LONGEST_NAME
          || name.chars().anyMatch(Character::isISOControl)) {
        leftOut++;
        continue;
      }
      // A sparse file is as large here as it says: what does not fit is refused unread.
      bytes += 3L * HEADER + (what.isRegularFile() ? what.size() : 0);
      if (bytes > most) {
        throw new SandboxFailure(
            "the output is too large: expected at most %d bytes, but up to %s it has %d"
                .formatted(most, name, bytes));
      }
      files += what.isRegularFile() ? 1 : 0;
      packed.add(path);
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar));
        TarArchiveOutputStream archive = new TarArchiveOutputStream(out, "UTF-8")) {
      archive.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      archive.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      for (Map.Entry<String, byte[]> beside : besides.entrySet()) {
        TarArchiveEntry entry = entry(beside.getKey(), beside.getValue().length);
        archive.putArchiveEntry(entry);
        archive.write(beside.getValue());
        archive.closeArchiveEntry();
      }
      for (Path path : packed) {
        put(archive, path, name(folder, path));
      }
    }
    return new Packed(files, leftOut, Files.size(tar));
  }

  private static String name(Path folder, Path path) {
    return path.equals(folder) ? "out" : "out/" + folder.relativize(path);
  }

  private static TarArchiveEntry entry(String name, long size) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setModTime(0L);
    entry.setIds(0, 0);
    entry.setMode(name.endsWith("/") ? 0755 : 0644);
    entry.setSize(size);
    return entry;
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static void put(TarArchiveOutputStream archive, Path path, String name)
      throws IOException {
    BasicFileAttributes what = attributes(path);
    TarArchiveEntry entry = what.isDirectory() ? entry(name + "/", 0) : entry(name, what.size());
    archive.putArchiveEntry(entry);
    if (what.isRegularFile()) {
      try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
        in.transferTo(archive);
      }
    }
    archive.closeArchiveEntry();
  }
}
