package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of the host that the sandbox is built with. */
final class HostTool {
  private static final long LONGEST_SECONDS = 60;
  private static final int MOST_BYTES = 1 << 20;

  /** Where they are, whatever the agent's own path says. */
  private static final List<String> FOLDERS =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  static final String PATH = String.join(":", FOLDERS);

  private HostTool() {}

  /** The program's file, if the host has it. */
  static Optional<Path> find(String name) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /** A builder of a process that inherits nothing of the agent's variables. */
  static ProcessBuilder process(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  /**
   * Runs a program to its end, at most a minute; an interruption waits until then, since half an
   * unmounting is worse.
   *
   * @return its exit code and the beginning of what it said
   */
  static Said run(String... command) throws SandboxFailure {
    String name = Path.of(command[0]).getFileName().toString();
    Process process = null;
    try {
      Path output = Files.createTempFile("shardex-" + name, ".out");
      try {
        process = process(List.of(command)).redirectOutput(output.toFile()).start();
        process.getOutputStream().close();
        if (!waitFor(process, LONGEST_SECONDS)) {
          throw new SandboxFailure(name + " did not end within " + LONGEST_SECONDS + " s");
        }
        return new Said(process.exitValue(), beginning(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new SandboxFailure(name + " cannot be run: " + e.getMessage(), e);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  /** Whether it ends within so many seconds; an interruption waits until then. */
  static boolean waitFor(Process process, long seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static String beginning(Path output) throws IOException {
    try (var in = Files.newInputStream(output)) {
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
    }
  }

  /** What a program left. */
  record Said(int exitCode, String text) {
    /** Its words if it succeeded; a failure named after {@code what} otherwise. */
    String orFail(String what) throws SandboxFailure {
      if (exitCode != 0) {
        throw new SandboxFailure("%s: %s (exit code %d)".formatted(what, lastLine(), exitCode));
      }
      return text;
    }

    private String lastLine() {
      try (Stream<String> lines = text.lines()) {
        return lines.reduce((before, last) -> last).orElse("no word of why");
      }
    }
  }
}
