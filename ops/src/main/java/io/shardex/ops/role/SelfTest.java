package io.shardex.ops.role;

import io.shardex.cli.check.Checklist;
import io.shardex.cli.check.Gateway;
import io.shardex.cli.check.Here;
import io.shardex.market.Network;
import io.shardex.ops.launch.ExitCode;
import io.shardex.ops.launch.Folders;
import io.shardex.ops.launch.Trouble;
import io.shardex.protocol.client.NodeAddress;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.network.NetworkFile;
import io.shardex.protocol.network.NetworkId;
import io.shardex.worker.AgentConfig;
import io.shardex.worker.WorkerConfig;
import io.shardex.worker.device.DeviceClaims;
import io.shardex.worker.device.Gpu;
import io.shardex.worker.device.GpuReading;
import io.shardex.worker.device.Gpus;
import io.shardex.worker.device.Hardware;
import io.shardex.worker.device.Host;
import io.shardex.worker.device.Maker;
import io.shardex.worker.device.Placement;
import io.shardex.worker.device.ToolFault;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import io.shardex.worker.runtime.sandbox.Sandbox;
import io.shardex.worker.runtime.sandbox.SandboxFailure;
import io.shardex.worker.runtime.torch.TorchInstall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code shardex worker self-test}: whether this machine can do what an agent would offer on it.
 * Changes nothing, and asks gateways only for what anybody may read.
 */
final class SelfTest {
  private static final long MIB = 1 << 20;

  /** Journal, logs and what is being fetched, beside the cache. */
  private static final long BESIDE_CACHE = 64 * MIB;

  private final Machine machine;
  private final Function<NodeAddresses, Gateway> gateways;
  private final InstantSource clock;
  private final Checklist checks;

  SelfTest(
      Machine machine,
      Function<NodeAddresses, Gateway> gateways,
      InstantSource clock,
      Checklist checks) {
    this.machine = machine;
    this.gateways = gateways;
    this.clock = clock;
    this.checks = checks;
  }

  /**
   * Makes all checks.
   *
   * @param conf a {@code worker.conf}; without one the machine is only looked at
   * @param network a network file, for gateways and clock; the config's if there is none
   * @param benchmark whether to measure the machine, too
   * @throws Exception if a check fails for a reason without a known fix
   */
  void run(Optional<Path> conf, Optional<Path> network, boolean benchmark) throws Exception {
    checks.check("jdk", Here::jdk);
    Optional<AgentConfig> config = conf.isPresent() ? config(conf.get()) : Optional.empty();
    checks.check("processor", () -> processor(config));
    checks.check("memory", () -> memory(config));
    if (config.isPresent()) {
      checks.check("disk", () -> disk(config.get()));
    }
    if (config.flatMap(offered -> offered.commands().runtime()).isPresent()) {
      checks.check("commands", () -> commands(config.get(), false));
      if (config.get().commands().online()) {
        checks.check("commands-network", () -> commands(config.get(), true));
      }
    }
    Optional<Path> torch = config.flatMap(AgentConfig::torch);
    checks.check("torch", () -> torch.isPresent() ? tried(torch.get()) : torch(machine.torch()));
    gpus(config);
    if (benchmark) {
      new Benchmark(
              config.map(AgentConfig::threads).orElse(WorkerConfig.THREADS),
              config.map(AgentConfig::memoryMiB))
          .run(checks);
    }
    if (network.isPresent()) {
      Optional<NetworkFile> file = networkFile(network.get());
      if (file.isPresent()) {
        gateways(file.get().network(), NodeAddresses.of(file.get()));
      }
    } else if (config.isPresent()) {
      WorkerConfig any = config.get().slots().getFirst();
      gateways(any.network(), any.nodes());
    }
  }

  /** The fix of what only these checks find. */
  static Optional<String> fix(Exception failure) {
    return failure instanceof Trouble trouble ? Optional.of(trouble.fix()) : Optional.empty();
  }

  private Optional<AgentConfig> config(Path file) throws Exception {
    AgentConfig[] read = new AgentConfig[1];
    checks.check(
        "config",
        () -> {
          read[0] = WorkerSettings.read(file).agent();
          return file
              + read[0].slots().stream()
                  .map(
                      slot -> ", class %s, as %s".formatted(slot.resources(), slot.key().address()))
                  .collect(Collectors.joining());
        });
    return Optional.ofNullable(read[0]);
  }

  private Optional<NetworkFile> networkFile(Path file) throws Exception {
    NetworkFile[] read = new NetworkFile[1];
    checks.check(
        "network",
        () -> {
          read[0] = RoleFile.network(file, "--network");
          return "%s, of %s".formatted(file, read[0].identity());
        });
    return Optional.ofNullable(read[0]);
  }

  private String processor(Optional<AgentConfig> config) {
    Host host = machine.host();
    Hardware hardware = machine.hardware();
    int threads = config.map(AgentConfig::threads).orElse(1);
    if (threads > host.processors()) {
      throw Trouble.environment(
          "%d threads are offered, but the process may use %d processors"
              .formatted(threads, host.processors()),
          "Lower 'threads' in the config, or give the process more");
    }
    return "%s, %d cores; %d processors to use%s"
        .formatted(
            hardware.processor(),
            hardware.cores(),
            host.processors(),
            config.map(offered -> ", " + offered.threads() + " offered").orElse(""));
  }

  private String memory(Optional<AgentConfig> config) {
    long most = machine.host().memoryMiB();
    long free = Math.min(most, machine.hardware().freeMiB());
    long offered = config.map(AgentConfig::memoryMiB).orElse(0L);
    if (offered > most) {
      throw Trouble.environment(
          "%d MiB are offered, but the process may use %d MiB".formatted(offered, most),
          "Lower 'memory' in the config, or give the process more");
    }
    if (offered > free) {
      throw Trouble.environment(
          "%d MiB are offered, but only %d of %d MiB are free now".formatted(offered, free, most),
          "Stop what else uses the memory, or lower 'memory' in the config");
    }
    return "%d MiB, %d free now%s"
        .formatted(most, free, offered == 0 ? "" : ", " + offered + " offered");
  }

  private static String disk(AgentConfig config) {
    Path folder = config.folder();
    Path there = nearest(folder);
    try {
      if (!Files.isDirectory(there) || !Files.isWritable(there)) {
        throw Trouble.environment(
            "%s cannot be written".formatted(there),
            "Give its owner the right, or name another 'state' in the config");
      }
      long free = Files.getFileStore(there).getUsableSpace();
      long held = size(folder.resolve("cache"));
      long needed = Math.max(0, config.cacheBytes() - held) + BESIDE_CACHE;
      if (free < needed) {
        throw Trouble.environment(
            "%d MiB are free for %s, and its cache may yet take %d MiB"
                .formatted(free / MIB, folder, needed / MIB),
            "Free some, lower 'cache' in the config, or name another 'state'");
      }
      return "%d MiB free for %s, at most %d more needed"
          .formatted(free / MIB, folder, needed / MIB);
    } catch (IOException | UncheckedIOException e) {
      throw Trouble.environment(
          "%s cannot be looked at: %s".formatted(folder, e.getMessage()),
          "Mend it, or name another 'state' in the config");
    }
  }

  /** Runs a harmless command in a sandbox in a folder that is removed again. */
  private static String commands(AgentConfig config, boolean online) throws Exception {
    OciRuntime.Kind kind = config.commands().runtime().orElseThrow();
    Optional<OciRuntime> runtime = OciRuntime.find(kind);
    if (runtime.isEmpty()) {
      throw Trouble.environment(
          "commands are to be run by %s, which is not here".formatted(kind),
          "Install %s, or set 'commands' in the config to off".formatted(kind));
    }
    Path folder = Files.createTempDirectory("shardex-self-test");
    try {
      Sandbox sandbox = Sandbox.open(runtime.get(), folder);
      (online ? sandbox.online() : sandbox).probe();
    } catch (SandboxFailure e) {
      throw new Trouble(
          ExitCode.ENVIRONMENT,
          "a harmless command could not be run: " + e.getMessage(),
          "Mend that, or set '%s' in the config to off"
              .formatted(online ? "commands-network" : "commands"),
          e);
    } finally {
      Folders.remove(folder);
    }
    return online
        ? "a harmless command had a network of its own behind the filter; nothing was sent"
        : "%s; a harmless command ran in a sandbox".formatted(runtime.get().version());
  }

  /** Trains a toy by libtorch, if that is installed. */
  private static String torch(Path folder) throws InterruptedException {
    if (!Files.exists(folder)) {
      return "none: 'shardex worker install-torch' brings it";
    }
    return tried(folder);
  }

  private static String tried(Path folder) throws InterruptedException {
    try {
      return folder + ": " + TorchFolder.tried(TorchInstall.at(folder));
    } catch (IOException e) {
      throw Trouble.environment(
          "libtorch in %s: %s".formatted(folder, e.getMessage()),
          "Run 'shardex worker install-torch --dir %s', or remove the folder".formatted(folder));
    }
  }

  /** The folder, or what is there of the path to it. */
  private static Path nearest(Path folder) {
    Path at = folder.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  private static long size(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      // A running agent may take one away meanwhile.
      return files
          .map(Path::toFile)
          .filter(file -> file.isFile())
          .mapToLong(file -> file.length())
          .sum();
    }
  }

  /**
   * Each GPU and each driver's complaint; without GPUs and with a class that needs none, a line.
   */
  private void gpus(Optional<AgentConfig> config) throws Exception {
    Gpus gpus = machine.gpus();
    for (ToolFault fault : gpus.faults()) {
      checks.check("gpu", () -> complaint(fault));
    }
    int number = 0;
    for (GpuReading reading : gpus.readings()) {
      checks.check("gpu " + number, () -> gpu(reading));
      number++;
    }
    List<WorkerConfig> onGpus =
        config.map(AgentConfig::slots).orElse(List.of()).stream()
            .filter(SelfTest::isGpuClass)
            .toList();
    for (WorkerConfig slot : onGpus) {
      checks.check("class", () -> offeredClass(slot));
    }
    if (onGpus.isEmpty() && number == 0 && gpus.faults().isEmpty()) {
      checks.check("gpu", () -> "none: neither nvidia-smi nor amd-smi nor rocm-smi is here");
    }
    Map<String, Placement> placements = config.map(AgentConfig::placements).orElse(Map.of());
    if (!placements.values().stream().allMatch(Placement.ANYWHERE::equals)) {
      checks.check("devices", () -> devices(config.get().folder(), placements));
    }
  }

  /** Whether each slot may have the processors and the GPU that it names, and nobody else has. */
  private String devices(Path folder, Map<String, Placement> placements) throws IOException {
    if (new AgentFile(folder).running().isPresent()) {
      return "held by the agent, which runs";
    }
    try (DeviceClaims claims =
        DeviceClaims.take(placements, machine::gpus, DeviceClaims.folder())) {
      return placements.keySet().stream()
          .map(slot -> slot + claims.gpu(slot).map(gpu -> " has GPU " + gpu.id()).orElse(""))
          .collect(Collectors.joining(", ", "free: ", ""));
    } catch (IOException e) {
      throw Trouble.environment(
          String.valueOf(e.getMessage()), "Mend 'cpus' and 'gpu' in the config");
    }
  }

  private static String complaint(ToolFault fault) {
    throw Trouble.environment(
        String.valueOf(fault.getMessage()),
        "Mend the driver until '%s' answers; if this machine has no such GPU, remove it"
            .formatted(fault.tool()));
  }

  private static String gpu(GpuReading reading) {
    Gpu gpu = reading.gpu();
    String what =
        "%s, %d MiB, class %s".formatted(gpu.name(), gpu.vramMiB(), gpu.resources().name());
    List<String> reasons = reading.health().reasons(Set.of());
    if (!reasons.isEmpty()) {
      throw Trouble.environment(
          what + ": " + String.join("; ", reasons), "Mend that, or keep the GPU out of the market");
    }
    return what;
  }

  private String offeredClass(WorkerConfig config) {
    if (machine.gpus().readings().stream()
        .noneMatch(reading -> reading.gpu().resources().equals(config.resources()))) {
      throw Trouble.environment(
          "class %s is offered, and no GPU here is one".formatted(config.resources()),
          "Name the class of a GPU above in the config");
    }
    return config.resources() + " is here";
  }

  private static boolean isGpuClass(WorkerConfig config) {
    return Arrays.stream(Maker.values())
        .map(maker -> maker.name().toLowerCase(Locale.ROOT) + "-")
        .anyMatch(config.resources().name()::startsWith);
  }

  private void gateways(Network network, NodeAddresses nodes) throws Exception {
    for (NodeAddress node : nodes.nodes()) {
      Gateway[] answer = new Gateway[1];
      boolean well =
          checks.check(
              "gateway",
              () -> {
                answer[0] = gateways.apply(new NodeAddresses(List.of(node), nodes.ca()));
                return answer[0].serving(NetworkId.of(network));
              });
      if (well) {
        checks.check("clock", () -> Here.clock(clock, answer[0].status()));
      }
    }
  }
}
