package io.shardex.worker.runtime.sandbox;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Packs what a command left, or keeps. The same files give the same bytes: sorted by name, without
 * times and owners. Folders and ordinary files only: a link could lead anywhere on the host, so it
 * is left out and counted. Modes are not kept.
 */
public final class OutputTar {
  private static final int HEADER = 512;
  private static final int LONGEST_NAME = 255;

  /** More characters than fit into a header; beyond them a name is written beside it. */
  private static final int SHORT_NAME = 99;

  /** A name of {@link #LONGEST_NAME} characters is deeper in no tree. */
  private static final int DEEPEST = 128;

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
    return pack("output", "out/", folder, besides, tar, most);
  }

  /**
   * Packs what is in a folder whose writers stand still, under the names that it has there; writes
   * nothing if no file is in it.
   *
   * @param tar a file to be written
   * @param most bytes the tar may have
   * @throws SandboxFailure if it would be larger, before anything is written
   */
  static Packed pack(Path folder, Path tar, long most) throws SandboxFailure, IOException {
    return pack("checkpoint", "", folder, Collections.emptySortedMap(), tar, most);
  }

  private static Packed pack(
      String called,
      String prefix,
      Path folder,
      SortedMap<String, byte[]> besides,
      Path tar,
      long most)
      throws SandboxFailure, IOException {
    SortedMap<Path, String> packed = new TreeMap<>();
    int leftOut = 0;
    int files = 0;
    long bytes = 2L * TarConstants.DEFAULT_BLKSIZE;
    for (byte[] text : besides.values()) {
      bytes += 2L * HEADER + text.length;
    }
    for (Path path : found(folder)) {
      BasicFileAttributes what = attributes(path);
      String name = prefix + folder.relativize(path) + (what.isDirectory() ? "/" : "");
      if (path.equals(folder)) {
        name = prefix;
      }
      if (name.isEmpty()) {
        continue;
      }
      if (!(what.isDirectory() || what.isRegularFile())
          || name.length() > LONGEST_NAME
          || name.chars().anyMatch(Character::isISOControl)) {
        leftOut++;
        continue;
      }
      // A sparse file is as large here as it says: what does not fit is refused unread.
      bytes += headers(name) + (what.isRegularFile() ? what.size() : 0);
      if (bytes > most) {
        throw new SandboxFailure(
            "the %s is too large: expected at most %d bytes, but up to %s it has %d"
                .formatted(called, most, name, bytes));
      }
      files += what.isRegularFile() ? 1 : 0;
      packed.put(path, name);
    }
    if (files == 0 && besides.isEmpty()) {
      return new Packed(0, leftOut, 0);
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
      for (Map.Entry<Path, String> each : packed.entrySet()) {
        put(archive, each.getKey(), each.getValue());
      }
    }
    return new Packed(files, leftOut, Files.size(tar));
  }

  private static List<Path> found(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder, DEEPEST)) {
      return all.sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** At most what an entry takes beside its content, which is filled up to a whole block. */
  private static long headers(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    return 3L * HEADER + (bytes > SHORT_NAME ? 2L * HEADER + bytes : 0);
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
    TarArchiveEntry entry = entry(name, what.isRegularFile() ? what.size() : 0);
    archive.putArchiveEntry(entry);
    if (what.isRegularFile()) {
      try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
        in.transferTo(archive);
      }
    }
    archive.closeArchiveEntry();
  }
}
