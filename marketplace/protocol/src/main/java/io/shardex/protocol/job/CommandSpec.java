package io.shardex.protocol.job;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Digest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a job file of kind {@code CommandJob} says: one command, run once in each shard's own
 * sandbox, and paid by time. Nobody can prove what it did.
 *
 * @param command the program and its arguments, 1 to 64 of them; no shell reads them
 * @param image root file system the command finds, read-only
 * @param inputs files it finds in its input folder, at most 32
 * @param environment its variables by name, at most 64, none of {@link #isReserved}
 * @param network whether it may speak to the network, if the provider allows that
 * @param checkpoint how often what is in its checkpoint folder is saved, and its time paid; never
 *     if empty
 * @param shards instances that run side by side; each is told its rank and their number
 * @param accelerator a resource class of the network, or {@link JobSpec.Resources#ANY}
 */
public record CommandSpec(
    String name,
    List<String> command,
    Image image,
    List<Input> inputs,
    Map<String, String> environment,
    Limits limits,
    boolean network,
    Optional<CheckpointEvery> checkpoint,
    int shards,
    String accelerator,
    JobSpec.Price price,
    Deadline deadline)
    implements JobContent {
  /** As much as a gateway takes of a worker for one lease. */
  public static final int MAX_OUTPUT_MIB = 64;

  private static final Set<String> TOLD =
      Set.of("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT");

  public CommandSpec {
    command = List.copyOf(command);
    inputs = List.copyOf(inputs);
    environment = Collections.unmodifiableMap(new TreeMap<>(environment));
  }

  /** Whether the worker sets this variable itself, so that a job file may not. */
  public static boolean isReserved(String variable) {
    return variable.startsWith("SHARDEX_") || TOLD.contains(variable);
  }

  /** A command is run once. */
  @Override
  public int rounds() {
    return 1;
  }

  /** The root file system. */
  public record Image(Format format, Source source) {}

  /** How a root file system is packed. */
  public enum Format {
    /** The files themselves, in one tar. */
    TAR,
    /** An OCI image layout, in one tar. */
    OCI
  }

  /**
   * A file for the command.
   *
   * @param name in the input folder: 1 to 128 letters, digits, dots, dashes and underscores
   */
  public record Input(String name, Source source) {}

  /** Where bytes come from. */
  public sealed interface Source {
    /** A file of the builder's, relative to the job file; it is uploaded. */
    record File(String path) implements Source {}

    /** A blob that is in the grid already, and its length. */
    record Blob(Digest id, long bytes) implements Source {}
  }

  /**
   * What one instance may use.
   *
   * @param memoryMiB memory, page cache of its files included
   * @param cpuMillis thousandths of a processor
   * @param pids processes and threads at a time
   * @param diskMiB what it may have written, in all its folders together
   * @param minutes of running, after which it is stopped; the most that is paid for, whoever runs
   * @param outputMiB the tar of its output folder, and that of its checkpoint folder
   */
  public record Limits(
      int memoryMiB, int cpuMillis, int pids, int diskMiB, int minutes, int outputMiB) {
    /** The same in seconds. */
    public int seconds() {
      return 60 * minutes;
    }

    /** The most bytes a shard's output may have. */
    public long outputBytes() {
      return (long) outputMiB << 20;
    }
  }
}
