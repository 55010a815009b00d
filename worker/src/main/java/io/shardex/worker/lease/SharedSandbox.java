package io.shardex.worker.lease;

import io.shardex.protocol.blob.Manifest;
import io.shardex.worker.device.Placement;
import io.shardex.worker.runtime.sandbox.ContainerEdits;
import io.shardex.worker.runtime.sandbox.Images;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import io.shardex.worker.runtime.sandbox.Sandbox;
import io.shardex.worker.runtime.sandbox.SandboxFailure;
import java.io.IOException;
import java.nio.file.Path;

/** The sandbox and the unpacked images of an agent, which the slots' runtimes share. */
public final class SharedSandbox {
  /** An unpacked image may be this much larger than its archive, as gzip makes of usual files. */
  private static final long UNPACKED = 8;

  private static final int IMAGE_ENTRIES = 500_000;

  private final Sandbox sandbox;
  private final Images images;
  private final int diskMiB;

  private SharedSandbox(Sandbox sandbox, Images images, int diskMiB) {
    this.sandbox = sandbox;
    this.images = images;
    this.diskMiB = diskMiB;
  }

  /**
   * Opens the sandbox and tries it.
   *
   * @param online whether commands may have a way to the internet, where their job needs one
   * @param folder its own, on a local disk
   * @param diskMiB the most that unpacked images may take together, and again what a command may
   *     write
   * @throws IOException naming what the host lacks
   */
  public static SharedSandbox open(OciRuntime.Kind kind, boolean online, Path folder, int diskMiB)
      throws IOException, InterruptedException {
    OciRuntime runtime =
        OciRuntime.find(kind)
            .orElseThrow(
                () ->
                    new IOException(
                        "commands need %s, which this host does not have; install it or set"
                                .formatted(kind)
                            + " 'commands' in the worker's config file to off"));
    try {
      Sandbox closed = Sandbox.open(runtime, folder.resolve("sandbox"));
      Sandbox sandbox = online ? closed.online() : closed;
      sandbox.probe();
      long disk = (long) diskMiB << 20;
      long bytes = Math.min(Manifest.MAX_BYTES * UNPACKED, disk);
      Images images = Images.open(folder.resolve("images"), bytes, IMAGE_ENTRIES, disk);
      return new SharedSandbox(sandbox, images, diskMiB);
    } catch (SandboxFailure e) {
      throw new IOException(
          "commands cannot be run here: "
              + e.getMessage()
              + "; mend that or set 'commands' in the worker's config file to off",
          e);
    }
  }

  /**
   * A slot's runtime.
   *
   * @param folder the slot's own, on the disk of the cache
   * @param memoryMiB the most a command may have
   * @param threads as many processors a command may have, on those of the placement
   * @param device what the slot's GPU adds to a container
   */
  public SandboxRuntime slot(
      Path folder, int memoryMiB, int threads, Placement placement, ContainerEdits device)
      throws IOException {
    SandboxRuntime.Most most = new SandboxRuntime.Most(memoryMiB, 1_000 * threads, diskMiB);
    return SandboxRuntime.of(
        sandbox, images, folder.resolve("fetched"), most, placement.cpus(), device);
  }
}
