package io.shardex.worker;

import io.shardex.market.Address;
import io.shardex.market.Network;
import io.shardex.market.ResourceClass;
import io.shardex.market.Signature;
import io.shardex.pricing.UnitPrice;
import io.shardex.protocol.client.NodeAddresses;
import io.shardex.protocol.key.SigningKey;
import io.shardex.worker.device.Placement;
import java.nio.file.Path;

/**
 * One slot of an agent: a worker of the market. The owner's key, which holds the stake, never comes
 * near it: the owner signs the worker's address once.
 *
 * @param name in logs and metrics
 * @param network the agent works in
 * @param nodes whose gateways it may dial
 * @param key the worker's hot key, for this slot alone
 * @param owner whose stake stands behind the worker and who is paid
 * @param endorsement the owner's signature over (owner, worker), {@code EnvelopeSigner.endorse}
 * @param resources class of the slot
 * @param memoryMiB memory a lease may use, at least 1
 * @param reserve lowest net price it works for
 * @param folder the slot's own, for its journal
 * @param threads that train, 1 to 256
 * @param placement processors and GPU of its leases
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
    Placement placement) {
  /** One training thread a slot: more pay off only on cores that nobody else uses. */
  public static final int THREADS = 1;

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
  }
}
