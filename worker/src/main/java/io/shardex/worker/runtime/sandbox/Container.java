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
import java.util.concurrent.locks.ReentrantLock;
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
 *   container.restore(checkpoint);
 *   SandboxEnd end = container.run(log, cancelled);
 *   ... container.outputs() ...
 * }
 * </pre>
 *
 * Another thread may {@link #save} what the command has in its checkpoint folder meanwhile.
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
  private final Optional<Path> checkpoint;
  private final Optional<ContainerNetwork> network;

  /**
   * Held while the command stands still for being saved, and while it is killed or removed: no file
   * changes while it is packed. Packing is bounded, so a kill does not wait for long.
   */
  private final ReentrantLock turn = new ReentrantLock();

  /** Whether it was paused and cannot go on. */
  private volatile boolean stuck;

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
    this.checkpoint = run.saved() ? Optional.of(disk.folder("checkpoint")) : Optional.empty();
    Files.writeString(
        bundle.resolve("config.json"),
        new ContainerConfig(
                run,
                outputs,
                temporary,
                checkpoint,
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
   * Puts what {@link #save} packed into the checkpoint folder, as the command's own; once, before
   * the command is run. Devices and pipes in the tar are left out.
   *
   * @throws SandboxFailure if the tar is hostile, damaged or too large; nothing of it is left, so
   *     that the command may begin anew
   */
  public void restore(Path tar) throws SandboxFailure {
    Path folder = checkpoint();
    boolean restored = false;
    try {
      try (InputStream in = Files.newInputStream(tar)) {
        new Unpacker(folder, room()).unpack(in, false);
        if (Folders.isEmpty(folder)) {
          throw new SandboxFailure("the checkpoint is no tar, or has no files");
        }
        own(folder);
        restored = true;
      } finally {
        if (!restored) {
          Folders.empty(folder);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new SandboxFailure("the checkpoint cannot be restored: " + e.getMessage(), e);
    }
  }

  private Path checkpoint() throws SandboxFailure {
    return checkpoint.orElseThrow(
        () -> new SandboxFailure("the command of " + run.id() + " has no checkpoint folder"));
  }

  /**
   * What is bounded is the disk, and whatever fitted on one fits on another. This is only so that a
   * small archive does not keep the agent busy for long: a folder is counted twice there, and in
   * blocks of 4 KiB what a small disk keeps in blocks of 1 KiB.
   */
  private Unpacker.Bounds room() {
    long most = BoundedDisk.bytes(run.limits().diskMiB());
    return new Unpacker.Bounds(4 * most, 2 * BoundedDisk.files(run.limits().files()));
  }

  /** Gives all that is there to the command's user; a link itself, never what it leads to. */
  private static void own(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        BoundedDisk.own(path);
      }
    }
  }

  /**
   * Packs what is in the checkpoint folder now, while the command stands still; its time counts on.
   * For another thread than the command's, at any time; a kill meanwhile waits for the packing.
   * Links, pipes, sockets, names that no tar should carry and modes are not kept.
   *
   * @param tar a new file; there is none after a failure
   * @param mostBytes the tar may have
   * @return false if there is no file in the folder, and so no tar
   * @throws SandboxFailure if it is larger, or the command cannot be paused, as before it began and
   *     after its end
   */
  public boolean save(Path tar, long mostBytes) throws SandboxFailure {
    Path folder = checkpoint();
    turn.lock();
    try {
      try {
        sandbox.tell("pause", run.id()).orFail("the command cannot be paused");
        return pack(folder, tar, mostBytes);
      } finally {
        resume();
      }
    } finally {
      turn.unlock();
    }
  }

  private static boolean pack(Path folder, Path tar, long mostBytes) throws SandboxFailure {
    boolean packed = false;
    try {
      try {
        packed = OutputTar.pack(folder, tar, mostBytes).files() > 0;
        return packed;
      } finally {
        if (!packed) {
          Files.deleteIfExists(tar);
        }
      }
    } catch (IOException e) {
      throw new SandboxFailure("the checkpoint cannot be saved: " + e.getMessage(), e);
    }
  }

  /** Lets the command go on, if it stands still; {@link #await} ends one that cannot. */
  private void resume() throws SandboxFailure {
    boolean goesOn = false;
    try {
      HostTool.Said said = sandbox.tell("resume", run.id());
      goesOn = said.exitCode() == 0 || !isPaused();
      if (!goesOn) {
        said.orFail("the command cannot go on after it was saved");
      }
    } finally {
      stuck = !goesOn;
    }
  }

  private boolean isPaused() throws SandboxFailure {
    HostTool.Said said = sandbox.tell("state", run.id());
    try {
      return said.exitCode() == 0
          && JSON.readTree(said.text()).path("status").asText().equals("paused");
    } catch (JsonProcessingException e) {
      throw new SandboxFailure("the state of a container: " + e.getMessage(), e);
    }
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
      boolean over = late || cancelled.getAsBoolean();
      if (over || stuck) {
        kill(process);
        if (!over) {
          throw new SandboxFailure("the command could not go on after it was saved: it is killed");
        }
        return Optional.of(late ? SandboxEnd.Cause.OUT_OF_TIME : SandboxEnd.Cause.CANCELLED);
      }
    }
    return Optional.empty();
  }

  private void kill(Process process) throws SandboxFailure, InterruptedException {
    turn.lock();
    try {
      // A container that is still being made knows no kill yet: asked again until it is over.
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILLED_SECONDS);
      do {
        if (stuck) {
          // Not every runtime kills one that stands still.
          sandbox.tell("resume", run.id());
        }
        sandbox.tell("kill", run.id(), "KILL");
        if (System.nanoTime() > end) {
          throw new SandboxFailure("container " + run.id() + " cannot be killed");
        }
      } while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS));
    } finally {
      turn.unlock();
    }
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
    turn.lock();
    try {
      HostTool.Said said =
          stuck ? sandbox.delete(run.id()) : sandbox.tell("delete", "--force", run.id());
      if (said.exitCode() != 0 && !said.text().contains("does not exist")) {
        said.orFail("removing container " + run.id());
      }
    } finally {
      turn.unlock();
    }
  }

  /** Removes network, disk and folders. */
  @Override
  public void close() throws SandboxFailure {
    turn.lock();
    try {
      removeFolders();
    } finally {
      turn.unlock();
    }
  }

  private void removeFolders() throws SandboxFailure {
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
