package io.shardex.worker.device;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Runs a program for a bounded time and reads a bounded part of what it says. A program that hangs
 * in its driver cannot even be killed; it is left behind.
 */
final class BoundedTool implements Tool {
  /** A driver that must first wake eight cards takes some seconds. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** Eight cards with all their clocks and a long list of past processes take about 300 KiB. */
  private static final int MOST_BYTES = 4 << 20;

  /** What a driver's program may need; the rest of the agent's variables are not its concern. */
  private static final Set<String> VARIABLES = Set.of("PATH", "HOME", "LD_LIBRARY_PATH");

  private final List<Path> folders;
  private final Duration longest;
  private final int mostBytes;

  /**
   * A runner of the programs in some folders.
   *
   * @param longest a program may take
   * @param mostBytes each of its two outputs may have
   */
  BoundedTool(List<Path> folders, Duration longest, int mostBytes) {
    this.folders = List.copyOf(folders);
    this.longest = longest;
    this.mostBytes = mostBytes;
  }

  /** A runner of the programs on this process's path. */
  static BoundedTool onPath() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    // ROCm installs its programs beside the path.
    List<Path> folders =
        Stream.concat(Arrays.stream(path.split(File.pathSeparator, -1)), Stream.of("/opt/rocm/bin"))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .toList();
    return new BoundedTool(folders, LONGEST, MOST_BYTES);
  }

  @Override
  public Optional<String> run(List<String> command) throws ToolFault {
    String tool = command.getFirst();
    Optional<Path> program =
        folders.stream()
            .map(folder -> folder.resolve(tool))
            .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
            .findFirst();
    if (program.isEmpty()) {
      return Optional.empty();
    }
    List<String> line = new ArrayList<>(command);
    line.set(0, program.get().toString());
    return Optional.of(output(tool, line));
  }

  private String output(String tool, List<String> line) throws ToolFault {
    Process process = start(tool, line);
    try {
      CompletableFuture<String> said = reading(tool + "-out", process.getInputStream());
      CompletableFuture<String> complained = reading(tool + "-err", process.getErrorStream());
      long end = System.nanoTime() + longest.toNanos();
      String out = await(tool, said, end);
      String err = await(tool, complained, end);
      if (!process.waitFor(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        throw late(tool);
      }
      if (process.exitValue() != 0) {
        throw new ToolFault(tool, words(process.exitValue(), err, out));
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ToolFault(tool, "interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process start(String tool, List<String> line) throws ToolFault {
    ProcessBuilder builder = new ProcessBuilder(line);
    Map<String, String> variables = builder.environment();
    variables.keySet().retainAll(VARIABLES);
    variables.put("LC_ALL", "C");
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new ToolFault(tool, "cannot be started: " + e.getMessage());
    }
  }

  private String await(String tool, CompletableFuture<String> output, long end)
      throws ToolFault, InterruptedException {
    try {
      return output.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw late(tool);
    } catch (ExecutionException e) {
      throw new ToolFault(tool, String.valueOf(output.exceptionNow().getMessage()));
    }
  }

  private ToolFault late(String tool) {
    return new ToolFault(tool, "no answer within %.1f s".formatted(longest.toMillis() / 1_000.0));
  }

  /** Reads on a thread of its own, which a hanging driver may keep for good. */
  private CompletableFuture<String> reading(String name, InputStream stream) {
    CompletableFuture<String> whole = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(
            () -> {
              try (stream) {
                byte[] bytes = stream.readNBytes(mostBytes + 1);
                if (bytes.length > mostBytes) {
                  throw new IOException("more than %d bytes of output".formatted(mostBytes));
                }
                whole.complete(new String(bytes, StandardCharsets.UTF_8));
              } catch (IOException e) {
                whole.completeExceptionally(e);
              }
            });
    return whole;
  }

  /** The last line of complaint, below a script's trace; nvidia-smi complains on its output. */
  private static String words(int exit, String err, String out) {
    return lines(err)
        .reduce((before, last) -> last)
        .or(() -> lines(out).filter(line -> !line.startsWith("<")).findFirst())
        .map(line -> line + " (exit code " + exit + ")")
        .orElse("exit code " + exit);
  }

  private static Stream<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty());
  }
}
