package io.shardex.ops.demo;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.FolderLock;
import io.shardex.ops.launch.Folders;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder a demo keeps its state in, held by one demo at a time. The default folder is made anew
 * each time; one that the user names is never emptied.
 */
final class DemoFolder implements AutoCloseable {
  private static final String FORMAT = "shardex.demo/1";
  private static final String FORMAT_FILE = "format";

  private final Path path;
  private final boolean renewed;
  private final FolderLock lock;

  private DemoFolder(Path path, boolean renewed, FolderLock lock) {
    this.path = path;
    this.renewed = renewed;
    this.lock = lock;
  }

  /**
   * Takes the folder; nothing in it is touched yet.
   *
   * @param named what the user named
   * @param home the user's own state folder
   * @throws Trouble when another demo has it, or what is in it is not what may be there
   */
  static DemoFolder open(Optional<Path> named, Path home) {
    Path path = named.orElse(home.resolve("demo")).toAbsolutePath().normalize();
    try {
      return taken(path, named.isEmpty());
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static DemoFolder taken(Path path, boolean renewed) throws IOException {
    Path parent = Optional.ofNullable(path.getParent()).orElse(path);
    Files.createDirectories(parent);
    FolderLock lock =
        FolderLock.take(
            parent.resolve("." + path.getFileName() + ".lock"),
            Trouble.environment(
                "another demo is running in " + path, "End it, or name another folder with --dir"));
    try {
      requireOurFormat(path);
      if (!renewed) {
        requireUnused(path);
      }
      return new DemoFolder(path, renewed, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Empties the default folder and puts our mark into it; from now on it holds this demo. */
  void prepare() {
    try {
      if (renewed) {
        Folders.remove(path);
      }
      Files.createDirectories(path);
      Files.writeString(path.resolve(FORMAT_FILE), FORMAT + "\n");
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static Trouble unusable(Path path, IOException e) {
    return Trouble.environment(
        "the state folder " + path + " cannot be written: " + reason(e),
        "Make room or rights for it, or name another folder with --dir");
  }

  /** The file system's own words, or what kind of failure it is when it has none. */
  private static String reason(IOException e) {
    return e instanceof FileSystemException failure && failure.getReason() == null
        ? e.getClass().getSimpleName() + " " + failure.getFile()
        : String.valueOf(e.getMessage());
  }

  private static void requireOurFormat(Path path) throws IOException {
    if (!Files.exists(path) || isEmpty(path)) {
      return;
    }
    Path file = path.resolve(FORMAT_FILE);
    String format = Files.isRegularFile(file) ? Files.readString(file).strip() : "";
    if (format.isEmpty()) {
      throw Trouble.environment(
          "the folder " + path + " is not empty and holds no demo's state",
          "Name a new or empty folder with --dir");
    }
    if (!format.equals(FORMAT)) {
      throw Trouble.environment(
          "the state folder %s is of format '%s', and this Shardex knows only '%s'"
              .formatted(path, format, FORMAT),
          "Move it away, or name another folder with --dir");
    }
  }

  private static void requireUnused(Path path) throws IOException {
    if (Files.exists(path) && !isEmpty(path)) {
      throw new Trouble(
          ExitCode.USAGE,
          "the folder "
              + path
              + " holds the state of an earlier demo, and a demo starts from nothing",
          "Remove it, or name another folder with --dir");
    }
  }

  private static boolean isEmpty(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new Trouble(ExitCode.USAGE, path + " is not a folder", "Name a folder with --dir");
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  Path path() {
    return path;
  }

  /** Lets the next demo have it. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
