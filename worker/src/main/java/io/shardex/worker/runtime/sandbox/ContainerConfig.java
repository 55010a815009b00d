package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code config.json} of a container, as the OCI runtime specification 1.0 says. */
final class ContainerConfig {
  /** No account of a usual host has this number, for user and group alike. */
  static final int USER = 58_473;

  /** Open files; below the agent's own limit on any usual host. */
  private static final int OPEN_FILES = 4_096;

  private static final long CPU_PERIOD_MICROS = 100_000;
  private static final long MIB = 1L << 20;
  private static final List<String> NAMESPACES = List.of("pid", "ipc", "uts", "mount", "cgroup");
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/config.gz",
          "/proc/kallsyms",
          "/proc/kmsg",
          "/sys/firmware");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private final CommandRun run;
  private final Path outputs;
  private final Path temporary;
  private final Optional<Path> checkpoint;
  private final int openFiles;
  private final int ownPids;
  private final Optional<ContainerNetwork> network;

  /**
   * The configuration of a run.
   *
   * @param outputs the folder it writes its results to
   * @param temporary the folder it finds as /tmp
   * @param checkpoint the folder that is saved, if it has one
   * @param hardOpenFiles the agent's own limit, which the container's must not exceed
   * @param ownPids threads of the runtime itself that are counted with the command's
   * @param network its way to the internet; without one its network is its own loopback
   */
  ContainerConfig(
      CommandRun run,
      Path outputs,
      Path temporary,
      Optional<Path> checkpoint,
      long hardOpenFiles,
      int ownPids,
      Optional<ContainerNetwork> network) {
    this.run = run;
    this.outputs = outputs;
    this.temporary = temporary;
    this.checkpoint = checkpoint;
    this.ownPids = ownPids;
    this.network = network;
    this.openFiles = (int) Math.min(OPEN_FILES, hardOpenFiles);
  }

  /** The cgroup it asks for, below the host's root. */
  static String cgroup(String id) {
    return "/shardex/" + id;
  }

  JsonNode json() {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("ociVersion", "1.0.2");
    config.set("process", process());
    config.putObject("root").put("path", run.root().toString()).put("readonly", true);
    config.put("hostname", "shardex");
    config.set("mounts", mounts());
    config.set("linux", linux());
    return config;
  }

  private ObjectNode process() {
    ObjectNode process = JsonNodeFactory.instance.objectNode();
    process.put("terminal", false);
    process.putObject("user").put("uid", USER).put("gid", USER);
    run.command().forEach(process.putArray("args")::add);
    Map<String, String> variables = new TreeMap<>(run.environment());
    variables.putAll(run.edits().environment());
    variables.putIfAbsent("PATH", HostTool.PATH);
    variables.putIfAbsent("HOME", "/tmp");
    variables.put("SHARDEX_IN", CommandRun.INPUTS);
    variables.put("SHARDEX_OUT", CommandRun.OUTPUTS);
    if (checkpoint.isPresent()) {
      variables.put("SHARDEX_CHECKPOINT", CommandRun.CHECKPOINT);
    }
    ArrayNode environment = process.putArray("env");
    variables.forEach((name, value) -> environment.add(name + "=" + value));
    process.put("cwd", CommandRun.INPUTS);
    ObjectNode capabilities = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "inheritable", "permitted", "ambient")) {
      capabilities.putArray(set);
    }
    process.put("noNewPrivileges", true);
    ArrayNode limits = process.putArray("rlimits");
    limit(limits, "RLIMIT_NOFILE", openFiles);
    limit(limits, "RLIMIT_CORE", 0);
    // The first process the kernel takes when the host itself runs out of memory.
    process.put("oomScoreAdj", 1_000);
    return process;
  }

  private static void limit(ArrayNode limits, String type, long value) {
    limits.addObject().put("type", type).put("hard", value).put("soft", value);
  }

  private ArrayNode mounts() {
    ArrayNode mounts = JsonNodeFactory.instance.arrayNode();
    mount(mounts, "proc", "/proc", "proc", List.of("nosuid", "noexec", "nodev"));
    mount(
        mounts,
        "tmpfs",
        "/dev",
        "tmpfs",
        List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
    mount(
        mounts,
        "devpts",
        "/dev/pts",
        "devpts",
        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
    // Its pages are charged to the command's memory.
    mount(
        mounts,
        "shm",
        "/dev/shm",
        "tmpfs",
        List.of(
            "nosuid", "noexec", "nodev", "mode=1777", "size=" + run.limits().memoryMiB() + "m"));
    bind(mounts, run.inputs().toString(), CommandRun.INPUTS, List.of("ro", "nosuid", "nodev"));
    bind(mounts, outputs.toString(), CommandRun.OUTPUTS, List.of("rw", "nosuid", "nodev"));
    bind(mounts, temporary.toString(), "/tmp", List.of("rw", "nosuid", "nodev"));
    checkpoint.ifPresent(
        kept ->
            bind(mounts, kept.toString(), CommandRun.CHECKPOINT, List.of("rw", "nosuid", "nodev")));
    network.ifPresent(
        joined ->
            bind(
                mounts,
                joined.resolver().toString(),
                "/etc/resolv.conf",
                List.of("ro", "nosuid", "nodev", "noexec")));
    for (ContainerEdits.Mount mount : run.edits().mounts()) {
      bind(mounts, mount.source(), mount.target(), mount.options());
    }
    return mounts;
  }

  private static void bind(ArrayNode mounts, String source, String target, List<String> options) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", target).put("type", "bind").put("source", source);
    ArrayNode all = mount.putArray("options");
    all.add("rbind").add("rprivate");
    options.stream().filter(option -> !option.equals("rbind")).forEach(all::add);
  }

  private static void mount(
      ArrayNode mounts, String source, String target, String type, List<String> options) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", target).put("type", type).put("source", source);
    options.forEach(mount.putArray("options")::add);
  }

  private ObjectNode linux() {
    ObjectNode linux = JsonNodeFactory.instance.objectNode();
    ArrayNode namespaces = linux.putArray("namespaces");
    NAMESPACES.forEach(type -> namespaces.addObject().put("type", type));
    ObjectNode own = namespaces.addObject().put("type", "network");
    network.ifPresent(joined -> own.put("path", joined.namespace().toString()));
    linux.put("cgroupsPath", cgroup(run.id()));
    linux.set("resources", resources());
    if (!run.edits().devices().isEmpty()) {
      ArrayNode devices = linux.putArray("devices");
      for (ContainerEdits.Device device : run.edits().devices()) {
        devices
            .addObject()
            .put("path", device.path())
            .put("type", device.type())
            .put("major", device.major())
            .put("minor", device.minor())
            .put("fileMode", 0666)
            .put("uid", 0)
            .put("gid", 0);
      }
    }
    linux.set("seccomp", Seccomp.filter());
    linux.put("rootfsPropagation", "private");
    MASKED.forEach(linux.putArray("maskedPaths")::add);
    READ_ONLY.forEach(linux.putArray("readonlyPaths")::add);
    return linux;
  }

  private ObjectNode resources() {
    SandboxLimits limits = run.limits();
    ObjectNode resources = JsonNodeFactory.instance.objectNode();
    ArrayNode devices = resources.putArray("devices");
    devices.addObject().put("allow", false).put("access", "rwm");
    for (ContainerEdits.Device device : run.edits().devices()) {
      devices
          .addObject()
          .put("allow", true)
          .put("type", device.type())
          .put("major", device.major())
          .put("minor", device.minor())
          .put("access", "rw");
    }
    long bytes = limits.memoryMiB() * MIB;
    // Memory and swap together: equal, so there is no swap.
    resources.putObject("memory").put("limit", bytes).put("swap", bytes);
    ObjectNode cpu = resources.putObject("cpu");
    cpu.put("period", CPU_PERIOD_MICROS)
        .put("quota", CPU_PERIOD_MICROS * limits.cpuMillis() / 1_000)
        // Below all that the owner runs.
        .put("shares", 128);
    run.cpus().ifPresent(cpus -> cpu.put("cpus", cpus));
    resources.putObject("pids").put("limit", limits.pids() + ownPids);
    return resources;
  }
}
