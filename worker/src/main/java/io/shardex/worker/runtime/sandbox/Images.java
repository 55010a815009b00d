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
import java.util.Map;
import java.util.stream.Stream;

/**
 * Unpacked root file systems, kept for the next command that names the same one. One image is
 * unpacked at a time. Names are digests of what was unpacked, checked by the caller.
 */
public final class Images {
  private static final String PART = ".part";

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
  private final int kept;
  private final Map<String, Integer> used = new HashMap<>();

  private Images(Path folder, Unpacker.Bounds bounds, int kept) {
    this.folder = folder;
    this.bounds = bounds;
    this.kept = kept;
  }

  /**
   * The images in a folder; halves of what an earlier process unpacked are removed.
   *
   * @param mostBytes an image may have, unpacked
   * @param mostEntries files, folders and links it may have
   * @param kept images that stay, beside those in use
   */
  public static Images open(Path folder, long mostBytes, int mostEntries, int kept)
      throws IOException {
    Files.createDirectories(folder);
    for (Path found : list(folder)) {
      if (found.getFileName().toString().endsWith(PART)) {
        Folders.remove(found);
      }
    }
    return new Images(folder, new Unpacker.Bounds(mostBytes, mostEntries), kept);
  }

  /** Where the packed image comes from. */
  @FunctionalInterface
  public interface Packed {
    /** Its bytes; their digest is checked before the stream's end is reached, or by the caller. */
    InputStream open() throws IOException;
  }

  /** An image that is not removed until it is closed. */
  public final class Held implements AutoCloseable {
    private final String digest;

    private Held(String digest) {
      this.digest = digest;
    }

    /** The root file system. */
    public Path root() {
      return folder.resolve(digest);
    }

    @Override
    public void close() {
      release(digest);
    }
  }

  /**
   * The image of this digest, unpacked if it is not there.
   *
   * @param digest 64 hexadecimal digits
   * @throws SandboxFailure if the archive is hostile, damaged or too large; nothing of it is left
   */
  public synchronized Held hold(String digest, Format format, Packed packed)
      throws SandboxFailure, IOException {
    if (!digest.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("no digest: " + digest);
    }
    Path root = folder.resolve(digest);
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      unpack(root, format, packed);
    }
    Files.setLastModifiedTime(root, FileTime.from(Instant.now()));
    used.merge(digest, 1, Integer::sum);
    evict();
    return new Held(digest);
  }

  /** Whether an image is there already, unpacked. */
  public synchronized boolean has(String digest) {
    return Files.isDirectory(folder.resolve(digest), LinkOption.NOFOLLOW_LINKS);
  }

  private synchronized void release(String digest) {
    used.computeIfPresent(digest, (name, count) -> count == 1 ? null : count - 1);
  }

  private void unpack(Path root, Format format, Packed packed) throws SandboxFailure, IOException {
    Path part = folder.resolve(root.getFileName() + PART);
    Path layout = folder.resolve(root.getFileName() + ".layout" + PART);
    Folders.remove(part);
    Folders.remove(layout);
    Files.createDirectory(part);
    try {
      switch (format) {
        case TAR -> {
          try (InputStream in = new BufferedInputStream(packed.open())) {
            new Unpacker(part, bounds).unpack(in, false);
          }
        }
        case OCI -> {
          Files.createDirectory(layout);
          try (InputStream in = new BufferedInputStream(packed.open())) {
            new Unpacker(layout, bounds).unpack(in, false);
          }
          new OciLayout(layout).unpack(new Unpacker(part, bounds));
        }
      }
      for (String place : PLACES) {
        makePlace(part, place);
      }
      move(part, root);
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
    List<Path> idle =
        list(folder).stream()
            .filter(path -> !used.containsKey(path.getFileName().toString()))
            .sorted(Comparator.comparing(Images::lastUsed).reversed())
            .toList();
    for (Path old : idle.subList(Math.min(kept, idle.size()), idle.size())) {
      Folders.remove(old);
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
