package io.shardex.worker;

import io.shardex.worker.device.Placement;
import io.shardex.worker.link.Bandwidth;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One agent: a process that keeps one or several slots of one owner in the market, each a worker
 * with a key of its own.
 *
 * @param name in logs
 * @param folder the agent's own; with one slot it is the slot's, too
 * @param cacheBytes the most that the cache of all slots may take on disk
 * @param bandwidth that all slots share, enough for each of them
 * @param commands whether strangers' commands are run
 * @param torch the libtorch that strangers' modules are trained with, as {@code install-torch} made
 *     it; empty where they are not wanted
 * @param slots 1 to 64, of distinct names and keys
 */
public record AgentConfig(
    String name,
    Path folder,
    long cacheBytes,
    Bandwidth bandwidth,
    Commands commands,
    Optional<Path> torch,
    List<WorkerConfig> slots) {
  /** A gibibyte of cache. */
  public static final long CACHE_BYTES = 1L << 30;

  /** As many as anybody has GPUs, several times over. */
  public static final int MOST_SLOTS = 64;

  /**
   * Whether and how strangers' commands are run.
   *
   * @param runtime what contains them; empty where they are not wanted
   * @param online whether they may have a way to the internet, where their job needs one
   * @param diskMiB the most that unpacked images may take together, and again what a command may
   *     write
   */
  public record Commands(Optional<OciRuntime.Kind> runtime, boolean online, int diskMiB) {
    /** What an owner who says nothing gets. */
    public static final Commands OFF = new Commands(Optional.empty(), false, 10 << 10);

    public Commands {
      if (online && !runtime.equals(Optional.of(OciRuntime.Kind.RUNC))) {
        throw new IllegalArgumentException(
            "commands have the internet with runc only, not with "
                + runtime.map(OciRuntime.Kind::toString).orElse("commands off"));
      }
      if (diskMiB < 1) {
        throw new IllegalArgumentException("commands need some disk, not " + diskMiB + " MiB");
      }
    }
  }

  public AgentConfig {
    slots = List.copyOf(slots);
    if (slots.isEmpty() || slots.size() > MOST_SLOTS) {
      throw new IllegalArgumentException(
          "expected 1 to %d slots, but there are %d".formatted(MOST_SLOTS, slots.size()));
    }
    requireDistinct("name", slots.stream().map(WorkerConfig::name).toList());
    requireDistinct("key", slots.stream().map(slot -> slot.key().address()).toList());
    requireDistinct("folder", slots.stream().map(WorkerConfig::folder).toList());
    if (slots.stream().map(WorkerConfig::owner).distinct().count() > 1) {
      throw new IllegalArgumentException("expected the slots to be of one owner, but they are not");
    }
    bandwidth.requireEnoughFor(slots.size());
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("a cache cannot have " + cacheBytes + " bytes");
    }
  }

  /** An agent with the usual cache, that trains the market's own models only. */
  public static AgentConfig of(String name, Path folder, List<WorkerConfig> slots) {
    return new AgentConfig(
        name, folder, CACHE_BYTES, Bandwidth.UNBOUNDED, Commands.OFF, Optional.empty(), slots);
  }

  /** Memory that the leases of all slots may use together. */
  public long memoryMiB() {
    return slots.stream().mapToLong(WorkerConfig::memoryMiB).sum();
  }

  /** Threads that train in all slots together. */
  public int threads() {
    return slots.stream().mapToInt(WorkerConfig::threads).sum();
  }

  /** Where each slot works, by its name. */
  public Map<String, Placement> placements() {
    Map<String, Placement> placements = new TreeMap<>();
    slots.forEach(slot -> placements.put(slot.name(), slot.placement()));
    return placements;
  }

  private static <T> void requireDistinct(String what, List<T> values) {
    for (T value : values) {
      if (values.indexOf(value) != values.lastIndexOf(value)) {
        throw new IllegalArgumentException(
            "expected each slot to have its own %s, but two have %s".formatted(what, value));
      }
    }
  }
}
