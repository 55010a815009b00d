package io.shardex.worker.runtime.sandbox;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Unpacked root file systems, kept for the next command that names the same one. One image is
 * unpacked at a time. A folder is named by the archive's digest, checked by the caller, and by how
 * the archive was read; it holds the {@code root} and, in {@code bytes}, what that takes on disk.
 */
public final class Images {
  private static final String PART = ".part";
  private static final String ROOT = "root";
  private static final String BYTES = "bytes";

  /** What the runtime mounts onto; a read-only image must have it. */
  private static final List<String> PLACES =
      List.of(
          "proc", "dev", "tmp", CommandRun.INPUTS.substring(1), CommandRun.OUTPUTS.substring(1));

  /** How a root file system is packed. */
  public enum Format {
    /** The files themselves, in one tar. */
    TAR,
    /** An OCI image layout, in one tar. */
    OCI
  }

  private final Path folder;
  private final Unpacker.Bounds bounds;
  private final long disk;
  private final Map<String, Integer> used = new HashMap<>();

  private Images(Path folder, Unpacker.Bounds bounds, long disk) {
    this.folder = folder;
    this.bounds = bounds;
    this.disk = disk;
  }

  /**
   * The images in a folder; what an earlier process unpacked by half or kept otherwise is removed.
   *
   * @param mostBytes an image may take, unpacked
   * @param mostEntries files, folders and links it may have
   * @param disk bytes that all of them may take; those least lately used go, but none in use
   */
  public static Images open(Path folder, long mostBytes, int mostEntries, long disk)
      throws IOException {
    Files.createDirectories(folder);
    for (Path found : list(folder)) {
      if (!isImage(found)) {
        Folders.remove(found);
      }
    }
    return new Images(folder, new Unpacker.Bounds(mostBytes, mostEntries), disk);
  }

  private static boolean isImage(Path found) {
    return found.getFileName().toString().matches("[0-9a-f]{64}-(tar|oci)")
        && Files.isDirectory(found.resolve(ROOT), LinkOption.NOFOLLOW_LINKS)
        && Files.isRegularFile(found.resolve(BYTES), LinkOption.NOFOLLOW_LINKS);
  }

  /** Where the packed image comes from. */
  @FunctionalInterface
  public interface Packed {
    /** Its bytes; their digest is checked before the stream's end is reached, or by the caller. */
    InputStream open() throws IOException;
  }

  /** An image that is not removed until it is closed. */
  public final class Held implements AutoCloseable {
    private final String name;

    private Held(String name) {
      this.name = name;
    }

    /** The root file system. */
    public Path root() {
      return folder.resolve(name).resolve(ROOT);
    }

    @Override
    public void close() {
      release(name);
    }
  }

  /**
   * The image of this digest, read in this format; unpacked if it is not there.
   *
   * @param digest 64 hexadecimal digits
   * @throws SandboxFailure if the archive is hostile, damaged or too large; nothing of it is left
   */
  public synchronized Held hold(String digest, Format format, Packed packed)
      throws SandboxFailure, IOException {
    String name = name(digest, format);
    Path image = folder.resolve(name);
    if (!isImage(image)) {
      unpack(image, format, packed);
    }
    Files.setLastModifiedTime(image, FileTime.from(Instant.now()));
    used.merge(name, 1, Integer::sum);
    evict();
    return new Held(name);
  }

  /** Whether an image is there already, unpacked. */
  public synchronized boolean has(String digest, Format format) {
    return isImage(folder.resolve(name(digest, format)));
  }

  /** The same archive may be read as either, to different trees. */
  private static String name(String digest, Format format) {
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("no digest: " + digest);
    }
    return digest + "-" + format.name().toLowerCase(Locale.ROOT);
  }

  private synchronized void release(String name) {
    used.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
  }

  private void unpack(Path image, Format format, Packed packed) throws SandboxFailure, IOException {
    Path part = folder.resolve(image.getFileName() + PART);
    Path layout = folder.resolve(image.getFileName() + ".layout" + PART);
    Folders.remove(part);
    Folders.remove(layout);
    Path root = Files.createDirectories(part.resolve(ROOT));
    Unpacker tree = new Unpacker(root, bounds);
    try {
      switch (format) {
        case TAR -> {
          try (InputStream in = new BufferedInputStream(packed.open())) {
            tree.unpack(in, false);
          }
        }
        case OCI -> {
          Files.createDirectory(layout);
          try (InputStream in = new BufferedInputStream(packed.open())) {
            new Unpacker(layout, bounds).unpack(in, false);
          }
          new OciLayout(layout).unpack(tree);
        }
      }
      for (String place : PLACES) {
        makePlace(root, place);
      }
      Files.writeString(part.resolve(BYTES), Long.toString(tree.bytes()));
      move(part, image);
    } catch (IOException e) {
      throw new SandboxFailure("the archive cannot be unpacked: " + e.getMessage(), e);
    } finally {
      Folders.remove(layout);
      Folders.remove(part);
    }
  }

  /** The places are folders of the image's own, or it cannot be run. */
  private static void makePlace(Path root, String place) throws SandboxFailure, IOException {
    Path at = root;
    for (Path name : Path.of(place)) {
      at = at.resolve(name);
      if (Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      if (Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
        throw new SandboxFailure("/" + root.relativize(at) + " of the image is no folder");
      }
      Files.createDirectory(at);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("images and their parts lie on different file systems", e);
    }
  }

  private void evict() throws IOException {
    List<Path> images = list(folder);
    long taken = 0;
    for (Path image : images) {
      taken += bytes(image);
    }
    List<Path> idle =
        images.stream()
            .filter(path -> !used.containsKey(path.getFileName().toString()))
            .sorted(Comparator.comparing(Images::lastUsed))
            .toList();
    for (Path old : idle) {
      if (taken <= disk) {
        return;
      }
      taken -= bytes(old);
      Folders.remove(old);
    }
  }

  private static long bytes(Path image) throws IOException {
    try {
      return Long.parseLong(Files.readString(image.resolve(BYTES)));
    } catch (NumberFormatException e) {
      throw new IOException(image + " is no image; remove it", e);
    }
  }

  private static FileTime lastUsed(Path image) {
    try {
      return Files.getLastModifiedTime(image);
    } catch (IOException e) {
      return FileTime.from(Instant.EPOCH);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.toList();
    }
  }
}
