package io.shardex.worker;

import io.shardex.training.proof.ReferenceChain;
import io.shardex.worker.device.DeviceClaims;
import io.shardex.worker.device.Gpu;
import io.shardex.worker.device.GpuShare;
import io.shardex.worker.lease.Prover;
import io.shardex.worker.lease.Runtimes;
import io.shardex.worker.lease.SandboxRuntime;
import io.shardex.worker.lease.SharedSandbox;
import io.shardex.worker.lease.TorchRuntime;
import io.shardex.worker.runtime.ReferenceTrainer;
import io.shardex.worker.runtime.sandbox.CdiDevices;
import io.shardex.worker.runtime.sandbox.ContainerEdits;
import io.shardex.worker.runtime.sandbox.SandboxFailure;
import io.shardex.worker.runtime.torch.TorchChain;
import io.shardex.worker.runtime.torch.TorchInstall;
import io.shardex.worker.runtime.torch.TorchLimits;
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
      SlotRuntimes runtimes = new SlotRuntimes(claims, torch(config), sandbox(config));
      for (WorkerConfig slot : config.slots()) {
        runtimes.requireGpu(slot);
      }
      return runtimes;
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
            config.commands().online(),
            config.folder().resolve("commands"),
            config.commands().diskMiB()));
  }

  /** Those of a slot. */
  Runtimes of(WorkerConfig slot) throws IOException {
    Optional<TorchInstall> own = torch.map(shared -> shared.with(variables(slot)));
    Optional<TorchRuntime> modules = Optional.empty();
    if (own.isPresent()) {
      Path folder = slot.folder().resolve("torch");
      modules = Optional.of(TorchRuntime.of(own.get(), folder, slot.memoryMiB(), slot.threads()));
    }
    return new Runtimes(
        new ReferenceTrainer(slot.threads()), modules, commands(slot), chains(slot, own));
  }

  /** On the slot's GPU, if libtorch has it, and else on its processors. */
  private Prover.Chains chains(WorkerConfig slot, Optional<TorchInstall> own) {
    if (claims.gpu(slot.name()).isEmpty()) {
      return ReferenceChain::new;
    }
    if (own.isEmpty()) {
      LOG.warn(
          "slot {} answers challenges on its processors, which may be too slow for its class: its"
              + " GPU is reached by libtorch, which 'torch' in worker.conf names",
          slot.name());
      return ReferenceChain::new;
    }
    return lanes -> new TorchChain(own.get(), limits(slot));
  }

  /** What is trained on processors is not sold as trained on the slot's GPU. */
  private void requireGpu(WorkerConfig slot) throws IOException, InterruptedException {
    Optional<Gpu> gpu = claims.gpu(slot.name());
    if (gpu.isPresent() && torch.isPresent()) {
      TorchInstall own = torch.get().with(variables(slot));
      if (own.device(limits(slot)).equals(TorchInstall.PROCESSORS)) {
        throw new IOException(
            "slot %s has GPU %s, but the libtorch in %s computes on processors; name one for CUDA"
                    .formatted(slot.name(), gpu.get().id(), own.folder())
                + " by PYTORCH_LIBRARY_PATH and PYTORCH_VERSION, or leave out 'torch' or 'gpu'");
      }
    }
  }

  private static TorchLimits limits(WorkerConfig slot) {
    return TorchLimits.of(slot.memoryMiB(), slot.threads());
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
