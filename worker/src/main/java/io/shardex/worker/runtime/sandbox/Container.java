package io.shardex.worker.runtime.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One container, from its folders to their removal:
 *
 * <pre>
 * try (Container container = sandbox.prepare(run)) {
 *   SandboxEnd end = container.run(log, cancelled);
 *   ... container.outputs() ...
 * }
 * </pre>
 */
public final class Container implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Container.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String DISK = "disk";
  static final String NETWORK = "network";

  /** How often the clock and the lease are looked at. */
  private static final long LOOK_MILLIS = 50;

  private static final long KILLED_SECONDS = 20;
  private static final int KILLED = 137;
  private static final int MOST_LOG_BYTES = 1 << 20;

  private final Sandbox sandbox;
  private final CommandRun run;
  private final Path bundle;
  private final BoundedDisk disk;
  private final Path outputs;
  private final Optional<ContainerNetwork> network;

  private Container(
      Sandbox sandbox,
      CommandRun run,
      Path bundle,
      BoundedDisk disk,
      Optional<ContainerNetwork> network)
      throws IOException {
    this.sandbox = sandbox;
    this.run = run;
    this.bundle = bundle;
    this.disk = disk;
    this.network = network;
    this.outputs = disk.folder("out");
    Path temporary = disk.folder("tmp");
    Files.writeString(
        bundle.resolve("config.json"),
        new ContainerConfig(
                run,
                outputs,
                temporary,
                hardOpenFiles(),
                sandbox.runtime().kind().ownPids(),
                network)
            .json()
            .toPrettyString());
  }

  static Container prepare(Sandbox sandbox, CommandRun run)
      throws SandboxFailure, InterruptedException {
    Path bundle = sandbox.bundle(run.id());
    try {
      Files.createDirectory(
          bundle,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try {
        return prepare(sandbox, run, bundle);
      } catch (SandboxFailure | InterruptedException | IOException | RuntimeException e) {
        Folders.remove(bundle);
        throw e;
      }
    } catch (IOException e) {
      throw new SandboxFailure("the folders of a container: " + e.getMessage(), e);
    }
  }

  private static Container prepare(Sandbox sandbox, CommandRun run, Path bundle)
      throws SandboxFailure, InterruptedException, IOException {
    Path mounted = Files.createDirectory(bundle.resolve(DISK));
    BoundedDisk disk =
        BoundedDisk.make(
            bundle.resolve("disk.img"), mounted, run.limits().diskMiB(), run.limits().files());
    Optional<ContainerNetwork> network = Optional.empty();
    try {
      if (run.online()) {
        network = Optional.of(sandbox.uplink().connect(bundle.resolve(NETWORK)));
      }
      return new Container(sandbox, run, bundle, disk, network);
    } catch (SandboxFailure | InterruptedException | IOException | RuntimeException e) {
      if (network.isPresent()) {
        network.get().close();
      }
      disk.close();
      throw e;
    }
  }

  private static long hardOpenFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  /** Where the command's results lie, until the container is closed. */
  public Path outputs() {
    return outputs;
  }

  /**
   * Runs the command to its end, once. Nothing that it started lives on after that.
   *
   * @param log hears its lines, on a thread of its own
   * @param cancelled asked some twenty times a second
   * @throws SandboxFailure if the command could not be started, as when there is no such program
   */
  public SandboxEnd run(Consumer<String> log, BooleanSupplier cancelled)
      throws SandboxFailure, InterruptedException {
    long begin = System.nanoTime();
    Process process = start();
    Thread reader = reading(process.getInputStream(), log);
    try {
      Optional<SandboxEnd.Cause> killed = await(process, begin, cancelled);
      reader.join();
      Duration ran = Duration.ofNanos(System.nanoTime() - begin);
      Cgroup cgroup = sandbox.cgroup(run.id());
      OptionalLong peak = cgroup.peakBytes();
      boolean starved = cgroup.killedAtMemoryLimit() > 0;
      if (killed.isPresent()) {
        return new SandboxEnd(killed.get(), KILLED, ran, peak);
      }
      int exit = process.exitValue();
      Optional<String> complaint = exit == 0 ? Optional.empty() : complaint();
      if (complaint.isPresent()) {
        throw new SandboxFailure("the command could not be started: " + complaint.get());
      }
      return new SandboxEnd(
          starved && exit != 0 ? SandboxEnd.Cause.OUT_OF_MEMORY : SandboxEnd.Cause.EXITED,
          exit,
          ran,
          peak);
    } finally {
      remove();
      process.destroyForcibly();
    }
  }

  private Process start() throws SandboxFailure {
    List<String> words = new ArrayList<>(List.of("run"));
    if (sandbox.runtime().keepsContainers()) {
      words.add("--keep");
    }
    words.addAll(List.of("--bundle", bundle.toString(), run.id()));
    List<String> line = sandbox.command(words.toArray(String[]::new));
    line.addAll(1, List.of("--log", logFile().toString(), "--log-format", "json"));
    try {
      Process process = HostTool.process(line).start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new SandboxFailure(
          "%s cannot be run: %s".formatted(line.getFirst(), e.getMessage()), e);
    }
  }

  private Thread reading(InputStream said, Consumer<String> log) {
    LogPipe pipe = new LogPipe(log, run.limits().logBytes());
    return Thread.ofPlatform()
        .daemon()
        .name("shardex-sandbox-log")
        .start(
            () -> {
              try (said) {
                pipe.drain(said);
              } catch (IOException e) {
                LOG.warn("what {} says is lost: {}", run.id(), e.getMessage());
              }
            });
  }

  /** Why it was killed, or nothing when it ended by itself. */
  private Optional<SandboxEnd.Cause> await(Process process, long begin, BooleanSupplier cancelled)
      throws SandboxFailure, InterruptedException {
    long most = run.limits().wall().toNanos();
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      boolean late = System.nanoTime() - begin > most;
      if (late || cancelled.getAsBoolean()) {
        // A container that is still being made knows no kill yet: asked again until it is over.
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILLED_SECONDS);
        do {
          sandbox.tell("kill", run.id(), "KILL");
          if (System.nanoTime() > end) {
            throw new SandboxFailure("container " + run.id() + " cannot be killed");
          }
        } while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        return Optional.of(late ? SandboxEnd.Cause.OUT_OF_TIME : SandboxEnd.Cause.CANCELLED);
      }
    }
    return Optional.empty();
  }

  private Path logFile() {
    return bundle.resolve("runtime.log");
  }

  /** What the runtime itself found wrong, which it writes nowhere else when nothing was started. */
  private Optional<String> complaint() throws SandboxFailure {
    try (InputStream log = Files.newInputStream(logFile());
        Stream<String> lines =
            new String(log.readNBytes(MOST_LOG_BYTES), StandardCharsets.UTF_8).lines()) {
      return lines.flatMap(line -> error(line).stream()).reduce((before, last) -> last);
    } catch (IOException e) {
      throw new SandboxFailure("the log of the container runtime: " + e.getMessage(), e);
    }
  }

  private static Optional<String> error(String line) {
    try {
      JsonNode entry = JSON.readTree(line);
      return entry.path("level").asText().equals("error")
          ? Optional.of(entry.path("msg").asText())
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private void remove() throws SandboxFailure {
    HostTool.Said said = sandbox.tell("delete", "--force", run.id());
    if (said.exitCode() != 0 && !said.text().contains("does not exist")) {
      said.orFail("removing container " + run.id());
    }
  }

  /** Removes network, disk and folders. */
  @Override
  public void close() throws SandboxFailure {
    if (network.isPresent()) {
      network.get().close();
    }
    disk.close();
    try {
      Folders.remove(bundle);
    } catch (IOException e) {
      throw new SandboxFailure("the folders of a container: " + e.getMessage(), e);
    }
  }
}
