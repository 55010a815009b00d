package io.shardex.worker;

import io.shardex.worker.device.DeviceClaims;
import io.shardex.worker.device.Gpu;
import io.shardex.worker.device.GpuShare;
import io.shardex.worker.lease.Runtimes;
import io.shardex.worker.lease.SandboxRuntime;
import io.shardex.worker.lease.SharedSandbox;
import io.shardex.worker.lease.TorchRuntime;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.sandbox.CdiDevices;
import io.shardex.worker.runtime.sandbox.ContainerEdits;
import io.shardex.worker.runtime.sandbox.SandboxFailure;
import io.shardex.worker.runtime.torch.TorchInstall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the slots of an agent execute leases with: libtorch and the sandbox are opened and tried
 * once, and each slot gets its part of the machine.
 */
final class SlotRuntimes {
  private static final Logger LOG = LoggerFactory.getLogger(SlotRuntimes.class);

  private final DeviceClaims claims;
  private final Optional<TorchInstall> torch;
  private final Optional<SharedSandbox> sandbox;

  private SlotRuntimes(
      DeviceClaims claims, Optional<TorchInstall> torch, Optional<SharedSandbox> sandbox) {
    this.claims = claims;
    this.torch = torch;
    this.sandbox = sandbox;
  }

  /**
   * Opens what the config asks for.
   *
   * @throws IOException naming what does not work here
   */
  static SlotRuntimes open(AgentConfig config, DeviceClaims claims) throws IOException {
    try {
      return new SlotRuntimes(claims, torch(config), sandbox(config));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the runtimes were tried", e);
    }
  }

  private static Optional<TorchInstall> torch(AgentConfig config)
      throws IOException, InterruptedException {
    if (config.torch().isEmpty()) {
      return Optional.empty();
    }
    WorkerConfig first = config.slots().getFirst();
    return Optional.of(
        TorchRuntime.tried(config.torch().get(), first.memoryMiB(), first.threads()));
  }

  private static Optional<SharedSandbox> sandbox(AgentConfig config)
      throws IOException, InterruptedException {
    if (config.commands().runtime().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        SharedSandbox.open(
            config.commands().runtime().get(),
            config.folder().resolve("commands"),
            config.commands().diskMiB()));
  }

  /** Those of a slot. */
  Runtimes of(WorkerConfig slot) throws IOException {
    return new Runtimes(new ReferenceTrainer(slot.threads()), torch(slot), commands(slot));
  }

  private Optional<TorchRuntime> torch(WorkerConfig slot) throws IOException {
    if (torch.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        TorchRuntime.of(
            torch.get().with(variables(slot)),
            slot.folder().resolve("torch"),
            slot.memoryMiB(),
            slot.threads()));
  }

  /**
   * What shows libtorch the slot's GPU and no other. The shares of one GPU are held apart by
   * NVIDIA's Multi-Process Service if the host runs it, and else by nothing.
   */
  private Map<String, String> variables(WorkerConfig slot) {
    Map<String, String> variables = new TreeMap<>();
    Optional<Gpu> gpu = claims.gpu(slot.name());
    if (gpu.isEmpty() && claims.hasGpus()) {
      // Without it libtorch would compute on the first GPU it finds, which is another slot's.
      variables.put("CUDA_VISIBLE_DEVICES", "");
    }
    if (gpu.isPresent()) {
      GpuShare share = slot.placement().gpu().orElseThrow();
      String id = gpu.get().id();
      variables.put("CUDA_VISIBLE_DEVICES", gpu.get().slice().isPresent() ? "MIG-" + id : id);
      if (!share.whole()) {
        variables.put("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", String.valueOf(share.percent()));
        variables.put(
            "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT",
            "0=%dM".formatted(gpu.get().vramMiB() * share.percent() / GpuShare.WHOLE));
      }
    }
    return variables;
  }

  private Optional<SandboxRuntime> commands(WorkerConfig slot) throws IOException {
    if (sandbox.isEmpty()) {
      return Optional.empty();
    }
    Optional<Gpu> gpu = claims.gpu(slot.name());
    if (gpu.isPresent() && !slot.placement().gpu().orElseThrow().whole()) {
      LOG.warn(
          "slot {} offers no commands: a container would have all of its GPU, not its share",
          slot.name());
      return Optional.empty();
    }
    return Optional.of(
        sandbox
            .get()
            .slot(
                slot.folder().resolve("commands"),
                slot.memoryMiB(),
                slot.threads(),
                slot.placement(),
                gpu.isPresent() ? device(slot, gpu.get()) : ContainerEdits.NONE));
  }

  /** NVIDIA's toolkit names a device by its UUID or its number. */
  private static ContainerEdits device(WorkerConfig slot, Gpu gpu) throws IOException {
    return device(slot, gpu, CdiDevices.FOLDERS);
  }

  static ContainerEdits device(WorkerConfig slot, Gpu gpu, List<Path> folders) throws IOException {
    try {
      return CdiDevices.read(folders).edits(List.of("nvidia.com/gpu=" + gpu.id()));
    } catch (SandboxFailure e) {
      throw new IOException(
          "slot %s cannot give GPU %s to commands: %s; mend that or set 'commands' to off"
              .formatted(slot.name(), gpu.id(), e.getMessage()),
          e);
    }
  }
}
