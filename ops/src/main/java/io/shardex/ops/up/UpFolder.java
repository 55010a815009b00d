package io.shardex.ops.up;

import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.FolderLock;
import io.shardex.ops.launch.Folders;
import io.shardex.ops.launch.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of a network on this machine, held by one {@code up} at a time: {@code network.json},
 * {@code conf/} (a file a role), {@code keys/}, {@code run/} (process ids and outputs) and a state
 * folder for each part.
 */
final class UpFolder implements AutoCloseable {
  private static final String FORMAT = "shardex.up/1";

  private final Path path;
  private final FolderLock lock;

  private UpFolder(Path path, FolderLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes the folder; one that is not there is made.
   *
   * @throws Trouble when another {@code up} has it, or it holds something else
   */
  static UpFolder open(Path named) {
    Path path = named.toAbsolutePath().normalize();
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new Trouble(ExitCode.USAGE, path + " is not a folder", "Name a folder with --dir");
    }
    try {
      Files.createDirectories(path);
      try (Stream<Path> entries = Files.list(path)) {
        List<String> names = entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        if (!names.isEmpty() && !names.contains("run")) {
          throw new Trouble(
              ExitCode.USAGE,
              "the folder " + path + " is not empty and holds no network of 'shardex up'",
              "Name a new or empty folder with --dir");
        }
      }
      Files.createDirectories(path.resolve("run"));
      return new UpFolder(
          path,
          FolderLock.take(
              path.resolve("run").resolve("lock"),
              Trouble.environment(
                  "another 'shardex up' runs in " + path,
                  "End it, or name another folder with --dir")));
    } catch (IOException e) {
      throw Trouble.environment(
          "the folder " + path + " cannot be used: " + e,
          "Make room or rights for it, or name another folder with --dir");
    }
  }

  /** Whether the network in it was founded to the end. */
  boolean isFounded() throws IOException {
    Path mark = path.resolve("format");
    if (!Files.exists(mark)) {
      return false;
    }
    String format = Files.readString(mark).strip();
    if (!format.equals(FORMAT)) {
      throw Trouble.environment(
          "the network in %s is of format '%s', and this Shardex knows only '%s'"
              .formatted(path, format, FORMAT),
          "Move it away, or name another folder with --dir");
    }
    return true;
  }

  /** Removes what a founding that did not come to its end has left. */
  void clear() throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      for (Path entry : all.filter(one -> !one.equals(path.resolve("run"))).toList()) {
        Folders.remove(entry);
      }
    }
    for (String folder : List.of("conf", "keys", "chain")) {
      Files.createDirectories(path.resolve(folder));
    }
  }

  /** Says that the founding came to its end. */
  void markFounded() throws IOException {
    Files.writeString(path.resolve("format"), FORMAT + "\n");
  }

  Path path() {
    return path;
  }

  Path network() {
    return path.resolve("network.json");
  }

  /** The config file of a node or a worker. */
  Path conf(String name) {
    return path.resolve("conf").resolve(name + ".conf");
  }

  Path key(String name) {
    return path.resolve("keys").resolve(name + ".json");
  }

  /** A node's certificate, if the network has a CA. */
  Path certificate(String name) {
    return path.resolve("keys").resolve(name + ".tls.pem");
  }

  /** The key of a node's certificate. */
  Path certificateKey(String name) {
    return path.resolve("keys").resolve(name + ".tls.key");
  }

  Path passphrase() {
    return path.resolve("keys").resolve("passphrase");
  }

  Path chain() {
    return path.resolve("chain");
  }

  /** What a part printed. */
  Path output(String name) {
    return path.resolve("run").resolve(name + ".out");
  }

  /** The process id of a part that has a process of its own. */
  Path pid(String name) {
    return path.resolve("run").resolve(name + ".pid");
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
