package io.shardex.worker.lease;

import io.shardex.market.Digest;
import io.shardex.market.Seals;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import java.nio.charset.StandardCharsets;

/**
 * How a worker seals its commitments: {@link Seals} says what of, and the salt is its secret.
 *
 * <p>The salt is SHA-256 of the 65 bytes of the worker key's signature of SHA-256 of the tag {@code
 * shardex.salt/2} and the lease's place. Signatures are deterministic (RFC 6979), so a worker that
 * lost its disk makes the same salt for the same lease; nobody else can make the signature, and the
 * salt does not show it.
 */
final class Seal {
  private static final byte[] SALT_TAG = "shardex.salt/2".getBytes(StandardCharsets.US_ASCII);

  private Seal() {}

  /** The salt of a key's lease. */
  static Digest salt(SigningKey key, NetworkId network, TaskId task, long fence) {
    byte[] place = Seals.place(network.chainId(), network.settlement(), task, fence);
    return Digest.sha256(key.sign(Digest.sha256(SALT_TAG, place)).bytes());
  }

  /** The seal of a run that the key made under a lease. */
  static Digest of(
      SigningKey key, NetworkId network, TaskId task, long fence, Digest root, Digest shown) {
    return Seals.seal(
        network.chainId(),
        network.settlement(),
        task,
        fence,
        key.address(),
        root,
        shown,
        salt(key, network, task, fence));
  }
}
