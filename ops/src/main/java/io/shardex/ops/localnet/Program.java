package io.shardex.ops.localnet;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Other people's programs: where they are, and what they print when asked briefly. */
public final class Program {
  private Program() {}

  /** The first executable file of that name on the given PATH. */
  public static Optional<Path> find(String name, String path) {
    for (String folder : path.split(File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        Path candidate = Path.of(folder, name);
        if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  /** The PATH of this process. */
  static String path(Map<String, String> environment) {
    return environment.getOrDefault("PATH", "");
  }

  /** The first line a command prints on standard output; empty if it fails or takes too long. */
  static String firstLine(Duration limit, List<String> command) throws InterruptedException {
    try {
      Path out = Files.createTempFile("shardex", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return "";
        }
        List<String> lines = Files.readAllLines(out);
        return process.exitValue() != 0 || lines.isEmpty() ? "" : lines.getFirst().strip();
      } finally {
        Files.delete(out);
      }
    } catch (IOException e) {
      return "";
    }
  }
}
