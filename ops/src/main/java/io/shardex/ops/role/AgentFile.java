package io.shardex.ops.role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code agent.pid} in an agent's state folder: which process runs it, by its number and the time
 * of its start, so that no other process that got the number later is taken for it. Beside it
 * {@code agent.port} names its operator port, {@code agent.drain} asks the agent to finish its
 * lease when it is stopped next, and {@code agent.abandoned} says that it could not.
 */
final class AgentFile {
  private static final Pattern CONTENT = Pattern.compile("([0-9]{1,10}) ([0-9]{1,19})\n");

  private final Path file;
  private final Path port;
  private final Path drain;
  private final Path abandoned;

  /** The files of the agent with this state folder. */
  AgentFile(Path folder) {
    this.file = folder.resolve("agent.pid");
    this.port = folder.resolve("agent.port");
    this.drain = folder.resolve("agent.drain");
    this.abandoned = folder.resolve("agent.abandoned");
  }

  /** Says that this process is the agent, and which is its operator port. */
  void write(int operatorPort) throws IOException {
    Files.writeString(port, Integer.toString(operatorPort));
    Files.deleteIfExists(drain);
    Files.deleteIfExists(abandoned);
    ProcessHandle self = ProcessHandle.current();
    Path written = file.resolveSibling("agent.pid.new");
    Files.writeString(written, "%d %d\n".formatted(self.pid(), started(self)));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Says that nobody is. */
  void remove() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(port);
    Files.deleteIfExists(drain);
  }

  /** The agent's process, if it lives. */
  Optional<ProcessHandle> running() throws IOException {
    String content;
    try {
      content = Files.readString(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Matcher matcher = CONTENT.matcher(content);
    if (!matcher.matches()) {
      throw new IOException(file + " names no process");
    }
    long start = Long.parseLong(matcher.group(2));
    return ProcessHandle.of(Long.parseLong(matcher.group(1)))
        .filter(process -> process.isAlive() && start > 0 && started(process) == start);
  }

  /** The agent's operator port, if it has said so. */
  OptionalInt port() {
    try {
      String text = Files.readString(port);
      return text.matches("[0-9]{1,5}")
          ? OptionalInt.of(Integer.parseInt(text))
          : OptionalInt.empty();
    } catch (IOException absent) {
      return OptionalInt.empty();
    }
  }

  /** Asks the agent to drain when it is stopped. */
  void askToDrain(Duration atMost) throws IOException {
    Files.writeString(drain, Long.toString(atMost.toSeconds()));
  }

  /** How long it was asked to drain, if it was. */
  Optional<Duration> askedToDrain() {
    try {
      String text = Files.readString(drain);
      return text.matches("[0-9]{1,9}")
          ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
          : Optional.empty();
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  /** Says that the lease was given up before it was finished, until the next start. */
  void abandoned() throws IOException {
    Files.writeString(abandoned, "");
  }

  /** Whether the last agent gave up a lease when it drained. */
  boolean hasAbandoned() {
    return Files.exists(abandoned);
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }
}
