package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A container's place in the kernel's accounts, version 1 (hybrid hosts too: the memory controller
 * has a tree of its own) or version 2 (one tree). Limits are set by the OCI runtime, which speaks
 * both; only what it does not report is read here.
 */
final class Cgroup {
  private final Path fileSystem;
  private final String path;

  /**
   * The cgroup of this name.
   *
   * @param fileSystem where cgroups are mounted, {@code /sys/fs/cgroup}
   * @param path below it, with a leading slash
   */
  Cgroup(Path fileSystem, String path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  /** The most memory its processes used at a time, in bytes. */
  OptionalLong peakBytes() {
    return files("memory.max_usage_in_bytes", "memory.peak").stream()
        .flatMap(file -> read(file).stream())
        .map(String::strip)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  /** Processes that the kernel killed at the memory limit. */
  long killedAtMemoryLimit() {
    return files("memory.oom_control", "memory.events").stream()
        .flatMap(file -> read(file).stream())
        .flatMap(String::lines)
        .filter(line -> line.matches("oom_kill [0-9]{1,18}"))
        .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
        .sum();
  }

  private List<Path> files(String first, String second) {
    String below = path.substring(1);
    return List.of(
        fileSystem.resolve("memory").resolve(below).resolve(first),
        fileSystem.resolve(below).resolve(second));
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }
}
