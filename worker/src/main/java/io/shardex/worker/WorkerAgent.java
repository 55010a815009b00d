package io.shardex.worker;

import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.worker.device.DeviceClaims;
import io.shardex.worker.device.GpuFinding;
import io.shardex.worker.device.GpuWatch;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Host;
import io.shardex.worker.device.LockFile;
import io.shardex.worker.lease.CacheFolder;
import io.shardex.worker.lease.Runtimes;
import io.shardex.worker.link.Link;
import io.shardex.worker.metrics.WorkerMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A provider's agent: its slots, and what they share: one cache, one libtorch, one sandbox, and the
 * machine's devices, each claimed for one of them.
 */
public final class WorkerAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerAgent.class);

  private final AgentConfig config;
  private final LockFile lock;
  private final DeviceClaims claims;
  private final SortedMap<String, WorkerNode> slots;
  private final DeviceCare care;

  private WorkerAgent(
      AgentConfig config,
      LockFile lock,
      DeviceClaims claims,
      SortedMap<String, WorkerNode> slots,
      DeviceCare care) {
    this.config = config;
    this.lock = lock;
    this.claims = claims;
    this.slots = slots;
    this.care = care;
  }

  /**
   * Starts an agent; returns before it has reached any node.
   *
   * @param metrics of this process's slots
   * @throws IOException if its folder or a device is in use, or what it offers is not here
   */
  public static WorkerAgent start(AgentConfig config, WorkerMetrics metrics) throws IOException {
    Links links = slot -> WorkerNode.link(slot, config.bandwidth());
    return start(
        config, metrics, links, new Devices(Gpus::here, GpuWatch::over, DeviceClaims.folder()));
  }

  /** Makes a slot's link. */
  interface Links {
    Link of(WorkerConfig slot);
  }

  /**
   * What an agent has of its machine.
   *
   * @param gpus looks for them; asked only if a slot names one
   * @param watches makes what looks after those that the slots have
   * @param locks folder of the devices' lock files
   */
  record Devices(
      Supplier<Gpus> gpus, Function<Map<String, GpuWatch.Watched>, GpuWatch> watches, Path locks) {}

  static WorkerAgent start(AgentConfig config, WorkerMetrics metrics, Links links, Devices devices)
      throws IOException {
    Host.here().requireMemory(config.name() + " with all its slots", config.memoryMiB());
    Files.createDirectories(config.folder());
    // First of all: an agent that runs here must not have its containers swept away.
    LockFile lock =
        LockFile.take(config.folder().resolve("agent.lock"))
            .orElseThrow(() -> new IOException("another agent uses " + config.folder()));
    SortedMap<String, WorkerNode> slots = new TreeMap<>();
    try {
      DeviceClaims claims = DeviceClaims.take(config.placements(), devices.gpus(), devices.locks());
      try {
        SlotRuntimes runtimes = SlotRuntimes.open(config, claims);
        CacheFolder cache =
            CacheFolder.open(
                config.folder().resolve("cache"), config.cacheBytes(), InstantSource.system());
        GpuWatch watch = devices.watches().apply(claims.gpus());
        // Before any slot asks for a lease: its GPU may be unwell from the start.
        Map<String, GpuWatch.Look> first = claims.hasGpus() ? watch.look() : Map.of();
        for (WorkerConfig slot : config.slots()) {
          List<GpuFinding> device =
              Optional.ofNullable(first.get(slot.name()))
                  .map(GpuWatch.Look::findings)
                  .orElse(List.of());
          slots.put(slot.name(), start(slot, links, cache, runtimes.of(slot), device, metrics));
        }
        return new WorkerAgent(
            config, lock, claims, slots, DeviceCare.start(watch, first, slots, metrics));
      } catch (IOException | RuntimeException e) {
        slots.values().forEach(WorkerNode::pause);
        claims.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static WorkerNode start(
      WorkerConfig slot,
      Links links,
      CacheFolder cache,
      Runtimes runtimes,
      List<GpuFinding> device,
      WorkerMetrics metrics)
      throws IOException {
    Link link = links.of(slot);
    try {
      EnvelopeSigner signer = WorkerNode.signer(slot, InstantSource.system());
      return WorkerNode.start(slot, signer, link, cache, runtimes, device, metrics);
    } catch (IOException | RuntimeException e) {
      link.close();
      throw e;
    }
  }

  /** How each slot stands right now, by its name. */
  public SortedMap<String, WorkerStatus> status() {
    SortedMap<String, WorkerStatus> now = new TreeMap<>();
    slots.forEach((name, slot) -> now.put(name, slot.status()));
    return Collections.unmodifiableSortedMap(now);
  }

  /**
   * Takes nothing new, finishes the leases that the slots hold, and stops.
   *
   * @param left how long to wait yet for the leases, asked some times a second; what is not done
   *     when nothing is left is abandoned
   * @return whether nothing was abandoned
   */
  public boolean drain(Supplier<Duration> left) throws InterruptedException {
    try {
      return together(slot -> slot.drain(left)).stream().allMatch(done -> done);
    } finally {
      letGo();
    }
  }

  /**
   * Stops within a few seconds: tells the market that the workers leave, and abandons their leases.
   */
  @Override
  public void close() {
    stop(WorkerNode::close);
  }

  /** Stops without leaving the market, for a start soon after; see {@link WorkerNode#pause}. */
  public void pause() {
    stop(WorkerNode::pause);
  }

  private void stop(Consumer<WorkerNode> how) {
    try {
      var unused =
          together(
              slot -> {
                how.accept(slot);
                return true;
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      letGo();
    }
  }

  /** What is done to one slot. */
  private interface Work<T> {
    T on(WorkerNode slot) throws InterruptedException;
  }

  /** Does it to all slots at once, and waits for all; an interruption reaches each. */
  private <T> List<T> together(Work<T> work) throws InterruptedException {
    List<Callable<T>> all = new ArrayList<>();
    slots.values().forEach(slot -> all.add(() -> work.on(slot)));
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<T> done : threads.invokeAll(all)) {
        results.add(done.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a slot did not stop in order", e);
    }
    return results;
  }

  private void letGo() {
    care.close();
    try {
      claims.close();
      lock.close();
    } catch (IOException e) {
      LOG.warn("{} cannot let go of its locks: {}", config.name(), e.toString());
    }
  }
}
