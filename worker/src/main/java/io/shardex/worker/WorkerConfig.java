package io.shardex.worker;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Signature;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.SigningKey;
import io.shardex.worker.runtime.sandbox.OciRuntime;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One agent. The owner's key, which holds the stake, never comes near it: the owner signs the
 * worker's address once.
 *
 * @param name in logs and metrics
 * @param network the agent works in
 * @param nodes whose gateways it may dial
 * @param key the worker's hot key, for this agent alone
 * @param owner whose stake stands behind the worker and who is paid
 * @param endorsement the owner's signature over (owner, worker), {@code EnvelopeSigner.endorse}
 * @param resources class of the slot it offers
 * @param memoryMiB memory a lease may use, at least 1
 * @param reserve lowest net price it works for
 * @param folder the agent's own, for its journal and cache
 * @param threads that train, 1 to 256
 * @param cacheBytes the most the cache may take on disk
 * @param commands whether strangers' commands are run
 * @param torch the libtorch that strangers' modules are trained with, as {@code install-torch} made
 *     it; empty where they are not wanted
 */
public record WorkerConfig(
    String name,
    Network network,
    NodeAddresses nodes,
    SigningKey key,
    Address owner,
    Signature endorsement,
    ResourceClass resources,
    int memoryMiB,
    UnitPrice reserve,
    Path folder,
    int threads,
    long cacheBytes,
    Commands commands,
    Optional<Path> torch) {
  /**
   * Whether and how strangers' commands are run.
   *
   * @param runtime what contains them; empty where they are not wanted
   * @param diskMiB the most that unpacked images may take together, and again what a command may
   *     write
   */
  public record Commands(Optional<OciRuntime.Kind> runtime, int diskMiB) {
    /** What an owner who says nothing gets. */
    public static final Commands OFF = new Commands(Optional.empty(), 10 << 10);

    public Commands {
      if (diskMiB < 1) {
        throw new IllegalArgumentException("commands need some disk, not " + diskMiB + " MiB");
      }
    }
  }

  /** One training thread a slot: more pay off only on cores that nobody else uses. */
  public static final int THREADS = 1;

  /** A gibibyte of cache. */
  public static final long CACHE_BYTES = 1L << 30;

  public WorkerConfig {
    if (name.isBlank() || name.length() > 64) {
      throw new IllegalArgumentException("a worker's name has 1 to 64 characters: '" + name + "'");
    }
    if (memoryMiB < 1) {
      throw new IllegalArgumentException("a worker needs some memory, not " + memoryMiB + " MiB");
    }
    if (threads < 1 || threads > 256) {
      throw new IllegalArgumentException("expected 1 to 256 threads, but it is " + threads);
    }
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("a cache cannot have " + cacheBytes + " bytes");
    }
  }
}
