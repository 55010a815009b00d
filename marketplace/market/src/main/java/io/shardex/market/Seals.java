package io.shardex.market;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What binds a commitment to its author, its lease and its training run without showing the run's
 * root. Whoever opens it shows root and salt; nobody can copy it before.
 *
 * <p>All numbers are big-endian. A place is the chain id (8 bytes), the Settlement contract (20),
 * the job id (32), round and shard (4 each), the audited fence (8, 0 for training) and the lease's
 * fence (8). The seal is SHA-256 of the tag {@code shardex.seal/2}, the place, the signer's address
 * (20), the root (32), what the run shows (32: its result's blob id, or a {@link Divergence}) and
 * the salt (32).
 */
public final class Seals {
  private static final byte[] TAG = "shardex.seal/2".getBytes(StandardCharsets.US_ASCII);
  private static final int PLACE_BYTES = 8 + Address.BYTES + Digest.BYTES + 4 + 4 + 8 + 8;

  private Seals() {}

  /** The seal of a run that {@code signer} made under a lease. */
  public static Digest seal(
      long chainId,
      Address settlement,
      TaskId task,
      long fence,
      Address signer,
      Digest root,
      Digest shown,
      Digest salt) {
    return Digest.sha256(
        TAG,
        place(chainId, settlement, task, fence),
        signer.bytes(),
        root.bytes(),
        shown.bytes(),
        salt.bytes());
  }

  /** The bytes of one lease in one network. */
  public static byte[] place(long chainId, Address settlement, TaskId task, long fence) {
    return ByteBuffer.allocate(PLACE_BYTES)
        .putLong(chainId)
        .put(settlement.bytes())
        .put(task.job().value().bytes())
        .putInt(task.round())
        .putInt(task.shard())
        .putLong(task.audited())
        .putLong(fence)
        .array();
  }
}
