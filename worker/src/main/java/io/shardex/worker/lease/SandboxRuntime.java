package io.shardex.worker.lease;

import io.shardex.market.RuntimeKind;
import io.shardex.market.TaskId;
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
 * sandbox, and packs what it left. For one lease at a time.
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

  /** Whatever a command's lease needs, on disk; removed when it is closed. */
  static final class Staged implements AutoCloseable {
    private final TaskId task;
    private final long fence;
    private final CommandSpec spec;
    private final Path own;
    private final Images.Held image;
    private final Path output;

    private Staged(
        TaskId task, long fence, CommandSpec spec, Path own, Images.Held image, Path output) {
      this.task = task;
      this.fence = fence;
      this.spec = spec;
      this.own = own;
      this.image = image;
      this.output = output;
    }

    @Override
    public void close() throws IOException {
      image.close();
      Files.deleteIfExists(output);
      remove(own);
    }
  }

  /** Fetches what is not here yet; refuses what asks for more than this agent gives. */
  Staged stage(TaskId task, long fence, CommandSpec spec, CommandInputs inputs, Blobs blobs)
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
      staged = true;
      return new Staged(task, fence, spec, own, image, folder.resolve("output.tar"));
    } finally {
      if (!staged) {
        remove(own);
      }
    }
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

  /**
   * Runs the command and packs its output.
   *
   * @return the tar, which goes when what is staged is closed; nothing of worth in it when the
   *     lease is over
   */
  Path run(Staged staged, BooleanSupplier over)
      throws LeaseFailure, IOException, InterruptedException {
    CommandSpec spec = staged.spec;
    Log log = new Log((int) spec.limits().outputBytes() / LOG_SHARE);
    CommandRun run =
        new CommandRun(
            id(staged),
            spec.command(),
            environment(staged),
            staged.image.root(),
            staged.own,
            limits(spec.limits()),
            spec.network(),
            cpus.map(CpuSet::toString),
            device);
    try (Container container = sandbox.prepare(run)) {
      SandboxEnd end = container.run(log::add, over);
      pack(container.outputs(), end, log.bytes(), staged.output, spec.limits().outputBytes());
      return staged.output;
    } catch (SandboxFailure e) {
      throw new LeaseFailure("the sandbox: " + e.getMessage(), e);
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
  private static String id(Staged staged) {
    return "%s-%d-%d"
        .formatted(
            staged.task.job().value().hex().substring(0, 32), staged.task.shard(), staged.fence);
  }

  private static Map<String, String> environment(Staged staged) {
    CommandSpec spec = staged.spec;
    Map<String, String> environment = new HashMap<>(spec.environment());
    environment.put("SHARDEX_JOB", staged.task.job().toString());
    environment.put("SHARDEX_ROUND", String.valueOf(staged.task.round()));
    environment.put("SHARDEX_SHARD", String.valueOf(staged.task.shard()));
    environment.put("SHARDEX_SHARDS", String.valueOf(spec.shards()));
    environment.put("RANK", String.valueOf(staged.task.shard()));
    environment.put("WORLD_SIZE", String.valueOf(spec.shards()));
    environment.put("LOCAL_RANK", "0");
    environment.put("LOCAL_WORLD_SIZE", "1");
    environment.put("MASTER_ADDR", "127.0.0.1");
    environment.put("MASTER_PORT", "29500");
    return environment;
  }

  private static SandboxLimits limits(CommandSpec.Limits limits) {
    return new SandboxLimits(
        limits.memoryMiB(),
        limits.cpuMillis(),
        limits.pids(),
        limits.diskMiB(),
        SandboxLimits.FILES,
        Duration.ofMinutes(limits.minutes()),
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
