package io.shardex.ops.faultlab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ops/shardex} as one user runs it: every call is a process, as in a terminal. */
final class Commands {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 300;

  private final Path launcher;
  private final Path folder;
  private final Map<String, String> environment;

  /**
   * @param folder for outputs; one a user
   * @param environment SHARDEX_NETWORK and the like
   */
  Commands(Path launcher, Path folder, Map<String, String> environment) throws IOException {
    this.launcher = launcher;
    this.folder = Files.createDirectories(folder);
    this.environment = Map.copyOf(environment);
  }

  /** What a command came to. */
  record Result(List<String> arguments, int status, String out, String err) {
    Result require(int wanted) {
      if (status != wanted) {
        throw new Broken(
            "expected status %d of 'shardex %s', but it was %d: %s%s"
                .formatted(wanted, String.join(" ", arguments), status, err, out));
      }
      return this;
    }

    /** The last line of what it printed, which is JSON. */
    JsonNode json() {
      List<String> lines = out.lines().filter(line -> !line.isBlank()).toList();
      try {
        return JSON.readTree(lines.isEmpty() ? "" : lines.getLast());
      } catch (IOException e) {
        throw new Broken("'shardex %s' printed no JSON: %s".formatted(arguments, out));
      }
    }
  }

  /** A new file for an output. */
  Path newFile(String what) throws IOException {
    return Files.createTempFile(folder, what, ".txt");
  }

  /** The command line of a call that somebody else starts. */
  List<String> line(String... arguments) {
    List<String> command = new ArrayList<>(List.of("env"));
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.add(launcher.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  Result run(String... arguments) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new Broken(
          "'shardex %s' did not end in %d s".formatted(String.join(" ", arguments), LIMIT_SECONDS));
    }
    Result result =
        new Result(
            List.of(arguments),
            process.exitValue(),
            Files.readString(out, StandardCharsets.UTF_8),
            Files.readString(err, StandardCharsets.UTF_8));
    Files.delete(out);
    Files.delete(err);
    return result;
  }
}
