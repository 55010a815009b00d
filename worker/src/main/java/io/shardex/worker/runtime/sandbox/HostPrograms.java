package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The host's own programs as a root file system, for trying a sandbox without any image. */
record HostPrograms(Path root) {
  /** Makes the few folders that are needed, in a new folder. */
  static HostPrograms in(Path folder) throws IOException {
    for (String name : List.of("usr", "proc", "dev", "tmp", "shardex/in", "shardex/out")) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.createFile(Files.createDirectory(folder.resolve("etc")).resolve("resolv.conf"));
    for (String name : List.of("bin", "sbin", "lib", "lib64")) {
      Files.createSymbolicLink(folder.resolve(name), Path.of("usr", name));
    }
    return new HostPrograms(folder);
  }

  /** Brings the programs in, read-only. */
  ContainerEdits edits() {
    return new ContainerEdits(
        List.of(),
        List.of(new ContainerEdits.Mount("/usr", "/usr", List.of("ro", "nosuid", "nodev"))),
        Map.of());
  }
}
