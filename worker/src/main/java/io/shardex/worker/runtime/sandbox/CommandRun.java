package io.shardex.worker.runtime.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One command to run in a container.
 *
 * @param id of the container: 1 to 64 lower-case letters, digits and dashes, never used twice
 * @param command the program and its arguments; no shell reads them
 * @param environment its variables; {@code PATH}, {@code HOME} and those of {@code SHARDEX_*} that
 *     name folders are added
 * @param root its root file system, which it cannot write to
 * @param inputs a folder that it finds as {@link #INPUTS} and cannot write to
 * @param saved whether it has a folder whose content is saved and found again, {@link #CHECKPOINT}
 * @param online whether it has a way to the internet
 * @param cpus the only processors it runs on, as Linux writes them; empty for any
 * @param edits what devices add to the container
 */
public record CommandRun(
    String id,
    List<String> command,
    Map<String, String> environment,
    Path root,
    Path inputs,
    boolean saved,
    SandboxLimits limits,
    boolean online,
    Optional<String> cpus,
    ContainerEdits edits) {
  /** Where a command finds its inputs, and is started. */
  public static final String INPUTS = "/shardex/in";

  /** Where a command leaves its outputs. */
  public static final String OUTPUTS = "/shardex/out";

  /** Where a command that is saved keeps what it needs to go on elsewhere. */
  public static final String CHECKPOINT = "/shardex/checkpoint";

  public CommandRun {
    if (!id.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      throw new IllegalArgumentException("no name for a container: '" + id + "'");
    }
    if (command.isEmpty()) {
      throw new IllegalArgumentException("a command has at least a program's name");
    }
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }
}
