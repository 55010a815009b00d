package io.shardex.worker.lease;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.TaskId;
import io.shardex.protocol.key.SigningKey;
import io.shardex.protocol.network.NetworkId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What binds a commitment to its author, its lease and its training run without showing the run's
 * root. Whoever opens it shows root and salt; nobody can copy it before.
 *
 * <p>All numbers are big-endian. A place is the chain id (8 bytes), the Settlement contract (20),
 * the job id (32), round and shard (4 each) and the fence (8). The seal is SHA-256 of the tag
 * {@code shardex.seal/1}, the place, the signer's address (20), the root (32), the digest the
 * command shows (32: the result's blob id, or a diverged run's digest) and the salt (32).
 *
 * <p>The salt is SHA-256 of the 65 bytes of the worker key's signature of SHA-256 of the tag {@code
 * shardex.salt/1} and the place. Signatures are deterministic (RFC 6979), so a worker that lost its
 * disk makes the same salt for the same lease; nobody else can make the signature, and the salt
 * does not show it.
 */
public final class Seal {
  private static final byte[] SEAL_TAG = "shardex.seal/1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SALT_TAG = "shardex.salt/1".getBytes(StandardCharsets.US_ASCII);
  private static final int PLACE_BYTES = 8 + Address.BYTES + Digest.BYTES + 4 + 4 + 8;

  private Seal() {}

  /** The salt of a key's lease. */
  public static Digest salt(SigningKey key, NetworkId network, TaskId task, long fence) {
    Digest signed = Digest.sha256(SALT_TAG, place(network, task, fence));
    return Digest.sha256(key.sign(signed).bytes());
  }

  /**
   * The seal itself.
   *
   * @param root of the training run's header, states and result
   * @param shown the digest that the command shows in the open
   */
  public static Digest of(
      NetworkId network,
      TaskId task,
      long fence,
      Address signer,
      Digest root,
      Digest shown,
      Digest salt) {
    return Digest.sha256(
        SEAL_TAG,
        place(network, task, fence),
        signer.bytes(),
        root.bytes(),
        shown.bytes(),
        salt.bytes());
  }

  private static byte[] place(NetworkId network, TaskId task, long fence) {
    return ByteBuffer.allocate(PLACE_BYTES)
        .putLong(network.chainId())
        .put(network.settlement().bytes())
        .put(task.job().value().bytes())
        .putInt(task.round())
        .putInt(task.shard())
        .putLong(fence)
        .array();
  }
}
