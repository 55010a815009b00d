package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
import io.shardex.protocol.client.LeaseOffer;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.worker.device.CpuSet;
import io.shardex.worker.runtime.sandbox.CommandRun;
import io.shardex.worker.runtime.sandbox.Container;
import io.shardex.worker.runtime.sandbox.ContainerEdits;
import io.shardex.worker.runtime.sandbox.Images;
import io.shardex.worker.runtime.sandbox.OutputTar;
import io.shardex.worker.runtime.sandbox.Sandbox;
import io.shardex.worker.runtime.sandbox.SandboxEnd;
import io.shardex.worker.runtime.sandbox.SandboxFailure;
import io.shardex.worker.runtime.sandbox.SandboxLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Executes leases of commands: fetches root file system and inputs to disk, runs the command in the
 * sandbox, saves how far it is, and packs what it left. For one lease at a time.
 *
 * <p>The result is a tar of at most the job's {@code outputMiB}: {@code end.txt} says how the
 * command ended, {@code log.txt} is what it said, {@code out/} what it left. A command that fails
 * has a result, too: its time was used, and its builder wants to know why.
 */
public final class SandboxRuntime {
  private static final int LOG_SHARE = 8;

  private final Sandbox sandbox;
  private final Images images;
  private final Path folder;
  private final Most most;
  private final Optional<CpuSet> cpus;
  private final ContainerEdits device;

  /**
   * The most a lease may ask for.
   *
   * @param memoryMiB memory of the container
   * @param cpuMillis thousandths of a processor
   * @param diskMiB of its archive unpacked and all others that are kept, and again of what it
   *     writes
   */
  public record Most(int memoryMiB, int cpuMillis, int diskMiB) {}

  private SandboxRuntime(
      Sandbox sandbox,
      Images images,
      Path folder,
      Most most,
      Optional<CpuSet> cpus,
      ContainerEdits device) {
    this.sandbox = sandbox;
    this.images = images;
    this.folder = folder;
    this.most = most;
    this.cpus = cpus;
    this.device = device;
  }

  /**
   * A runtime of one slot.
   *
   * @param images those of all slots
   * @param folder the slot's own; what an earlier process left there is removed
   * @param cpus the only processors that commands run on
   * @param device what the slot's GPU adds to a container
   */
  static SandboxRuntime of(
      Sandbox sandbox,
      Images images,
      Path folder,
      Most most,
      Optional<CpuSet> cpus,
      ContainerEdits device)
      throws IOException {
    Files.createDirectories(folder);
    empty(folder);
    return new SandboxRuntime(sandbox, images, folder, most, cpus, device);
  }

  /** What it runs; the second only where commands may have a way to the internet. */
  Set<RuntimeKind> kinds() {
    return sandbox.isOnline()
        ? EnumSet.of(RuntimeKind.SANDBOX, RuntimeKind.SANDBOX_ONLINE)
        : EnumSet.of(RuntimeKind.SANDBOX);
  }

  /** Where a lease's blobs come from. */
  interface Blobs {
    /** Puts a blob there under a free name, for reading only. */
    void place(CommandInputs.Blob blob, Path place) throws LeaseFailure, InterruptedException;
  }

  /**
   * A command that can be run once: all it needs is on disk, its container is made. Removed when it
   * is closed.
   */
  final class Staged implements Beginning.Reader<Staged>, CheckpointSaver.Content, AutoCloseable {
    private final CommandSpec.Limits limits;
    private final Path own;
    private final Images.Held image;
    private final Container container;
    private final Path output = folder.resolve("output.tar");
    private final Path saved = folder.resolve("checkpoint.tar");
    private Digest packed = Digest.ZERO;
    private Digest last = Digest.ZERO;

    private Staged(CommandSpec.Limits limits, Path own, Images.Held image, Container container) {
      this.limits = limits;
      this.own = own;
      this.image = image;
      this.container = container;
    }

    CommandSpec.Limits limits() {
      return limits;
    }

    @Override
    public int mostBytes(int step) {
      return (int) limits.outputBytes();
    }

    /** Puts it into the checkpoint folder, in which there is nothing when it cannot be used. */
    @Override
    public Staged read(int step, byte[] checkpoint) throws LeaseFailure {
      try {
        Files.write(saved, checkpoint);
        container.restore(saved);
        Files.delete(saved);
        last = Digest.sha256(checkpoint);
        return this;
      } catch (IOException | SandboxFailure e) {
        throw new LeaseFailure(String.valueOf(e.getMessage()), e);
      }
    }

    /**
     * What the command, which stands still for it, has in its checkpoint folder now: nothing if
     * that is empty or as it was. For another thread than the one that runs it.
     */
    @Override
    public Optional<byte[]> get() throws LeaseFailure, IOException {
      try {
        Files.deleteIfExists(saved);
        if (!container.save(saved, limits.outputBytes())) {
          return Optional.empty();
        }
        byte[] content = Files.readAllBytes(saved);
        Files.delete(saved);
        packed = Digest.sha256(content);
        return packed.equals(last) ? Optional.empty() : Optional.of(content);
      } catch (SandboxFailure e) {
        throw new LeaseFailure(String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public void saved() {
      last = packed;
    }

    /**
     * Runs the command and packs its output.
     *
     * @return the tar, which goes when this is closed; nothing when it was over
     */
    Optional<Path> run(BooleanSupplier over)
        throws LeaseFailure, IOException, InterruptedException {
      Log log = new Log((int) limits.outputBytes() / LOG_SHARE);
      try {
        SandboxEnd end = container.run(log::add, over);
        if (end.cause() == SandboxEnd.Cause.CANCELLED) {
          return Optional.empty();
        }
        pack(container.outputs(), end, log.bytes(), output, limits.outputBytes());
        return Optional.of(output);
      } catch (SandboxFailure e) {
        throw failure(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        container.close();
      } catch (SandboxFailure e) {
        throw new IOException(e.getMessage(), e);
      } finally {
        image.close();
        Files.deleteIfExists(output);
        Files.deleteIfExists(saved);
        remove(own);
      }
    }
  }

  /** Fetches what is not here yet; refuses what asks for more than this agent gives. */
  Staged stage(LeaseOffer lease, CommandSpec spec, CommandInputs inputs, Blobs blobs)
      throws LeaseFailure, IOException, InterruptedException {
    requireRoom(spec);
    Path own = Files.createDirectories(folder.resolve("lease"));
    empty(own);
    boolean staged = false;
    try {
      for (CommandInputs.File input : inputs.files()) {
        blobs.place(input.blob(), own.resolve(input.name()));
      }
      Images.Held image = image(spec.image(), inputs.image(), blobs);
      try {
        Container container = sandbox.prepare(run(lease, spec, own, image));
        staged = true;
        return new Staged(spec.limits(), own, image, container);
      } catch (SandboxFailure e) {
        throw failure(e);
      } finally {
        if (!staged) {
          image.close();
        }
      }
    } finally {
      if (!staged) {
        remove(own);
      }
    }
  }

  private static LeaseFailure failure(SandboxFailure e) {
    return new LeaseFailure("the sandbox: " + e.getMessage(), e);
  }

  private CommandRun run(LeaseOffer lease, CommandSpec spec, Path own, Images.Held image) {
    return new CommandRun(
        id(lease),
        spec.command(),
        environment(lease.task(), spec),
        image.root(),
        own,
        spec.checkpoint().isPresent(),
        limits(spec.limits(), lease.savedSteps()),
        spec.network(),
        cpus.map(CpuSet::toString),
        device);
  }

  private Images.Held image(CommandSpec.Image packed, CommandInputs.Blob blob, Blobs blobs)
      throws LeaseFailure, IOException, InterruptedException {
    Path archive = folder.resolve("image.tar");
    String digest = blob.id().hex();
    Images.Format format = Images.Format.valueOf(packed.format().name());
    try {
      if (!images.has(digest, format)) {
        blobs.place(blob, archive);
      }
      return images.hold(digest, format, () -> Files.newInputStream(archive));
    } catch (SandboxFailure e) {
      throw new LeaseFailure("the root file system: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  private void requireRoom(CommandSpec spec) throws LeaseFailure {
    CommandSpec.Limits limits = spec.limits();
    atMost("MiB of memory", limits.memoryMiB(), most.memoryMiB());
    atMost("thousandths of a processor", limits.cpuMillis(), most.cpuMillis());
    atMost("MiB of disk", limits.diskMiB(), most.diskMiB());
    if (spec.network() && !sandbox.isOnline()) {
      throw new LeaseFailure("the command asks for the internet, which this agent gives to none");
    }
  }

  private static void atMost(String what, int asked, int most) throws LeaseFailure {
    if (asked > most) {
      throw new LeaseFailure(
          "expected a command that needs at most %d %s, but it asks for %d"
              .formatted(most, what, asked));
    }
  }

  private static void pack(Path outputs, SandboxEnd end, byte[] log, Path tar, long most)
      throws SandboxFailure, IOException {
    SortedMap<String, byte[]> besides = new TreeMap<>();
    besides.put("log.txt", log);
    besides.put("end.txt", told(end, ""));
    try {
      var unused = OutputTar.pack(outputs, besides, tar, most);
    } catch (SandboxFailure tooLarge) {
      // The builder's own bound: it is told so in the place of its output.
      besides.put("end.txt", told(end, "output: " + tooLarge.getMessage() + "\n"));
      Path nothing = Files.createDirectories(tar.resolveSibling("nothing"));
      var unused = OutputTar.pack(nothing, besides, tar, most);
    }
  }

  private static byte[] told(SandboxEnd end, String more) {
    return "cause: %s\nexitCode: %d\nseconds: %.1f\n%s%s"
        .formatted(
            end.cause(),
            end.exitCode(),
            end.ran().toMillis() / 1_000.0,
            end.peakBytes().isPresent()
                ? "peakMiB: %d\n".formatted(end.peakBytes().getAsLong() >> 20)
                : "",
            more)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Never used twice on this host: a lease's fence is its own, a job's beginning nearly so. */
  private static String id(LeaseOffer lease) {
    TaskId task = lease.task();
    return "%s-%d-%d"
        .formatted(task.job().value().hex().substring(0, 32), task.shard(), lease.fence());
  }

  private static Map<String, String> environment(TaskId task, CommandSpec spec) {
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put("SHARDEX_JOB", task.job().toString());
    environment.put("SHARDEX_ROUND", String.valueOf(task.round()));
    environment.put("SHARDEX_SHARD", String.valueOf(task.shard()));
    environment.put("SHARDEX_SHARDS", String.valueOf(spec.shards()));
    environment.put("RANK", String.valueOf(task.shard()));
    environment.put("WORLD_SIZE", String.valueOf(spec.shards()));
    environment.put("LOCAL_RANK", "0");
    environment.put("LOCAL_WORLD_SIZE", "1");
    environment.put("MASTER_ADDR", "127.0.0.1");
    environment.put("MASTER_PORT", "29500");
    return environment;
  }

  /** Time that earlier leases were paid for is gone. */
  private static SandboxLimits limits(CommandSpec.Limits limits, int usedSeconds) {
    return new SandboxLimits(
        limits.memoryMiB(),
        limits.cpuMillis(),
        limits.pids(),
        limits.diskMiB(),
        SandboxLimits.FILES,
        Duration.ofSeconds(Math.max(1, limits.seconds() - usedSeconds)),
        limits.outputBytes() / LOG_SHARE);
  }

  /** What a command said, as it goes into its output. */
  private static final class Log {
    private final int most;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Log(int most) {
      this.most = most;
    }

    synchronized void add(String line) {
      byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
      if (bytes.size() + text.length <= most) {
        bytes.writeBytes(text);
      }
    }

    synchronized byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  private static void remove(Path folder) throws IOException {
    empty(folder);
    Files.deleteIfExists(folder);
  }

  /** Removes the files in a folder of the agent's own, which has no folders in it. */
  private static void empty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }
}
