package io.shardex.worker.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * The processors and GPUs that an agent holds for its slots. What cannot be had is refused by name:
 * a processor that two slots name or the agent cannot keep to, a GPU that is not there or is cut
 * into slices, shares of one GPU that come to more than the whole. Each processor and each GPU has
 * a lock file of its own, the same one for all agents of the host, so two of them cannot sell one.
 */
public final class DeviceClaims implements AutoCloseable {
  private final Map<String, GpuWatch.Watched> gpus = new TreeMap<>();
  private final List<LockFile> locks = new ArrayList<>();

  private DeviceClaims() {}

  /**
   * Takes what the slots name.
   *
   * @param slots where each works, by its name
   * @param machine looks for GPUs; asked only if a slot names one
   * @param folder of the lock files, {@link #folder} but for tests
   * @throws IOException naming the slot, and what it cannot have
   */
  public static DeviceClaims take(Map<String, Placement> slots, Supplier<Gpus> machine, Path folder)
      throws IOException {
    return take(slots, machine, folder, BoundedTool.onPath());
  }

  /** The same, with any program that binds threads. */
  static DeviceClaims take(
      Map<String, Placement> slots, Supplier<Gpus> machine, Path folder, Tool tool)
      throws IOException {
    DeviceClaims claims = new DeviceClaims();
    try {
      claims.takeCpus(new TreeMap<>(slots), folder, tool);
      claims.takeGpus(new TreeMap<>(slots), machine, folder);
      return claims;
    } catch (IOException | RuntimeException e) {
      claims.close();
      throw e;
    }
  }

  /**
   * Where Linux has lock files for all users, also for one who may not write there: two agents that
   * look in different folders would both have a device. Where there is none, the folder for passing
   * files.
   */
  public static Path folder() {
    return folder(Path.of("/run/lock"));
  }

  static Path folder(Path usual) {
    return Files.isDirectory(usual)
        ? usual
        : Path.of(Objects.requireNonNullElse(System.getProperty("java.io.tmpdir"), "/tmp"));
  }

  /** The GPU of a slot, if it has one. */
  public Optional<Gpu> gpu(String slot) {
    return Optional.ofNullable(gpus.get(slot)).map(watched -> watched.at().gpu());
  }

  /** The GPUs of all slots that have one, as they were when they were claimed. */
  public Map<String, GpuWatch.Watched> gpus() {
    return Collections.unmodifiableMap(gpus);
  }

  /** Whether any slot has one. */
  public boolean hasGpus() {
    return !gpus.isEmpty();
  }

  private void takeCpus(Map<String, Placement> slots, Path folder, Tool tool) throws IOException {
    Map<Integer, String> takers = new TreeMap<>();
    for (Map.Entry<String, Placement> slot : slots.entrySet()) {
      Optional<CpuSet> cpus = slot.getValue().cpus();
      if (cpus.isEmpty()) {
        continue;
      }
      CpuSet allowed = CpuSet.ofThisThread();
      for (int cpu : cpus.get().numbers()) {
        if (!allowed.numbers().contains(cpu)) {
          throw new IOException(
              "slot %s is to run on processor %d, and this process may use %s"
                  .formatted(slot.getKey(), cpu, allowed));
        }
        Optional<String> other = Optional.ofNullable(takers.put(cpu, slot.getKey()));
        if (other.isPresent()) {
          throw new IOException(
              "slots %s and %s are both to run on processor %d"
                  .formatted(other.get(), slot.getKey(), cpu));
        }
        lock(folder.resolve("shardex-cpu-" + cpu), "processor " + cpu);
      }
      tryBinding(slot.getKey(), cpus.get(), tool);
    }
  }

  /** Does once, on a thread that ends with it, what every lease of the slot will do. */
  private static void tryBinding(String slot, CpuSet cpus, Tool tool) throws IOException {
    FutureTask<Void> trial =
        new FutureTask<>(
            () -> {
              cpus.bindThisThread(tool);
              return null;
            });
    Thread.ofPlatform().daemon().name("shardex-binding").start(trial);
    try {
      trial.get();
    } catch (ExecutionException e) {
      Throwable why = Objects.requireNonNullElse(e.getCause(), e);
      throw new IOException("slot %s: %s".formatted(slot, why.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while slot %s was bound".formatted(slot), e);
    }
  }

  private void takeGpus(Map<String, Placement> slots, Supplier<Gpus> machine, Path folder)
      throws IOException {
    if (slots.values().stream().allMatch(slot -> slot.gpu().isEmpty())) {
      return;
    }
    Gpus here = machine.get();
    Map<String, Integer> sold = new TreeMap<>();
    for (Map.Entry<String, Placement> slot : slots.entrySet()) {
      Optional<GpuShare> share = slot.getValue().gpu();
      if (share.isEmpty()) {
        continue;
      }
      GpuReading found = find(slot.getKey(), share.get(), here);
      Gpu gpu = found.gpu();
      gpus.put(slot.getKey(), new GpuWatch.Watched(found, share.get()));
      int percent = sold.merge(gpu.id(), share.get().percent(), Integer::sum);
      if (percent > GpuShare.WHOLE) {
        throw new IOException(
            "the shares of GPU %s come to %d %%, with that of slot %s"
                .formatted(gpu.id(), percent, slot.getKey()));
      }
    }
    for (String id : sold.keySet()) {
      lock(folder.resolve("shardex-gpu-" + id.replace('/', '.')), "GPU " + id);
    }
  }

  private static GpuReading find(String slot, GpuShare share, Gpus here) throws IOException {
    List<Gpu> all = here.readings().stream().map(GpuReading::gpu).toList();
    String named = share.gpu();
    if (named.matches("[0-9]{1,3}") && Integer.parseInt(named) < all.size()) {
      return known(slot, here.readings().get(Integer.parseInt(named)));
    }
    for (GpuReading reading : here.readings()) {
      if (reading.gpu().id().equals(named)) {
        return known(slot, reading);
      }
    }
    List<String> slices =
        all.stream().map(Gpu::id).filter(id -> id.startsWith(named + "/")).toList();
    if (!slices.isEmpty()) {
      throw new IOException(
          "slot %s is to have GPU %s, which is cut into slices; name one of %s"
              .formatted(slot, named, slices));
    }
    throw new IOException(
        "slot %s is to have GPU %s, and here %s%s"
            .formatted(
                slot,
                named,
                all.isEmpty() ? "is none" : "are " + all.stream().map(Gpu::id).toList(),
                here.faults().isEmpty() ? "" : "; " + here.faults().getFirst().getMessage()));
  }

  private static GpuReading known(String slot, GpuReading found) throws IOException {
    Gpu gpu = found.gpu();
    if (gpu.maker() != Maker.NVIDIA) {
      throw new IOException(
          "slot %s is to have GPU %s of %s, and leases can be given NVIDIA's only"
              .formatted(slot, gpu.id(), gpu.maker()));
    }
    if (!gpu.id().matches("[A-Za-z0-9-]{1,64}(/[0-9]{1,4}){0,2}")) {
      throw new IOException("slot %s: no id of a GPU: '%s'".formatted(slot, gpu.id()));
    }
    return found;
  }

  private void lock(Path file, String what) throws IOException {
    Optional<LockFile> lock;
    try {
      lock = LockFile.take(file);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be claimed by %s: %s; let the agent's user write in %s"
              .formatted(what, file, e, file.getParent()),
          e);
    }
    locks.add(
        lock.orElseThrow(
            () ->
                new IOException(
                    "%s is sold by another agent of this host, which has locked %s"
                        .formatted(what, file))));
  }

  /** Gives all back. */
  @Override
  public void close() throws IOException {
    for (LockFile lock : locks) {
      lock.close();
    }
  }
}
