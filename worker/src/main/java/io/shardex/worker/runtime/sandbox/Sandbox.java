package io.shardex.worker.runtime.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs strangers' commands, each in a container of its own. Needs root: mounts, cgroups and
 * namespaces are root's.
 */
public final class Sandbox {
  private static final Duration PROBE = Duration.ofSeconds(20);

  private final OciRuntime runtime;
  private final Path folder;
  private final Path cgroups;
  private final Optional<Uplink> uplink;

  private Sandbox(OciRuntime runtime, Path folder, Optional<Uplink> uplink) {
    this.runtime = runtime;
    this.folder = folder;
    this.uplink = uplink;
    this.cgroups = Path.of("/sys/fs/cgroup");
  }

  /**
   * A sandbox in a folder of its own, for one process at a time. What an earlier process left
   * there, killed as it may have been, is ended and removed first.
   *
   * @param folder on a local disk with room for what commands write; made if it does not exist
   */
  public static Sandbox open(OciRuntime runtime, Path folder) throws SandboxFailure {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new SandboxFailure("only root can make containers with limits, and this is not root");
    }
    try {
      Files.createDirectories(folder);
      Sandbox sandbox = new Sandbox(runtime, folder.toRealPath(), Optional.empty());
      Files.createDirectories(sandbox.bundles());
      sandbox.sweep();
      return sandbox;
    } catch (IOException e) {
      throw new SandboxFailure("the folder of the sandbox: " + e.getMessage(), e);
    }
  }

  /**
   * The same sandbox, whose commands may have a way to the internet.
   *
   * @throws SandboxFailure with what the host lacks for that, or if its runtime is not runc
   */
  public Sandbox online() throws SandboxFailure {
    return online(Uplink.find());
  }

  Sandbox online(Uplink way) throws SandboxFailure {
    if (!runtime.kind().keepsNetworkFilter()) {
      throw new SandboxFailure(
          "commands have the internet with runc only: %s has a network stack of its own, which"
                  .formatted(runtime.kind())
              + " the host's filter does not see");
    }
    return new Sandbox(runtime, folder, Optional.of(way));
  }

  /** Whether its commands may have a way to the internet. */
  public boolean isOnline() {
    return uplink.isPresent();
  }

  Uplink uplink() throws SandboxFailure {
    return uplink.orElseThrow(
        () -> new SandboxFailure("this sandbox gives no command a way to the internet"));
  }

  /**
   * Runs one harmless command, as the only proof that this host can make containers; where commands
   * may have a way to the internet, with one, which nothing is sent by.
   *
   * @throws SandboxFailure with what is wrong
   */
  public void probe() throws SandboxFailure, InterruptedException {
    Path tried = folder.resolve("probe");
    try {
      Folders.remove(tried);
      Path inputs = Files.createDirectories(tried.resolve("in"));
      HostPrograms programs = HostPrograms.in(Files.createDirectory(tried.resolve("root")));
      CommandRun run =
          new CommandRun(
              "probe-" + ProcessHandle.current().pid(),
              uplink.isPresent()
                  ? List.of("/usr/bin/grep", "-q", "tap0", "/proc/net/dev")
                  : List.of("/usr/bin/true"),
              Map.of(),
              programs.root(),
              inputs,
              false,
              new SandboxLimits(64, 1_000, 4, 1, 16, PROBE, 4_096),
              uplink.isPresent(),
              Optional.empty(),
              programs.edits());
      try (Container container = prepare(run)) {
        SandboxEnd end = container.run(line -> {}, () -> false);
        if (!end.succeeded()) {
          throw new SandboxFailure("a harmless command ended otherwise: " + end);
        }
      }
      Folders.remove(tried);
    } catch (IOException e) {
      throw new SandboxFailure("trying the sandbox: " + e.getMessage(), e);
    }
  }

  /** What commands are run by. */
  public OciRuntime runtime() {
    return runtime;
  }

  /** Makes the container's folders, its disk and its network; the caller closes it. */
  public Container prepare(CommandRun run) throws SandboxFailure, InterruptedException {
    return Container.prepare(this, run);
  }

  Path bundle(String id) {
    return bundles().resolve(id);
  }

  Cgroup cgroup(String id) {
    return new Cgroup(cgroups, ContainerConfig.cgroup(id));
  }

  /** A command of the runtime, with its arguments. */
  List<String> command(String... words) {
    List<String> line = new ArrayList<>(runtime.command(folder.resolve("state")));
    line.addAll(List.of(words));
    return line;
  }

  HostTool.Said tell(String... words) throws SandboxFailure {
    return HostTool.run(command(words).toArray(String[]::new));
  }

  /** Ends and removes a container, whatever it does. */
  HostTool.Said delete(String id) throws SandboxFailure {
    // gVisor panics while it removes one that stands still.
    tell("resume", id);
    return tell("delete", "--force", id);
  }

  private Path bundles() {
    return folder.resolve("bundles");
  }

  private void sweep() throws IOException, SandboxFailure {
    List<Path> left;
    try (Stream<Path> found = Files.list(bundles())) {
      left = found.toList();
    }
    for (Path bundle : left) {
      delete(String.valueOf(bundle.getFileName()));
      ContainerNetwork.unmount(bundle.resolve(Container.NETWORK));
      BoundedDisk.unmount(bundle.resolve(Container.DISK));
      Folders.remove(bundle);
    }
  }
}
