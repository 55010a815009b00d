package io.shardex.protocol.key;

import io.shardex.market.Digest;
import io.shardex.market.HashChain;
import io.shardex.protocol.network.NetworkId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A validator's hash chain: the places it reveals one a slot, and the tip it commits to before.
 *
 * <p>The seed is SHA-256 of the 65 bytes of the validator key's signature of SHA-256 of the tag
 * {@code shardex.chain-seed/1}, the chain id (8 bytes), the Settlement contract (20) and the
 * chain's number (4). Signatures are deterministic, so a node that lost its disk makes the same
 * chain.
 */
public final class BeaconChain {
  /** Places of a chain: hours of slots at full pace, days of idle ones. */
  public static final int LENGTH = 1 << 16;

  private static final byte[] TAG = "shardex.chain-seed/1".getBytes(StandardCharsets.US_ASCII);

  /** Every so many places one is remembered; the others are hashed from the next. */
  private static final int STRIDE = 256;

  private final int number;
  private final int length;
  private final Digest[] remembered;

  private BeaconChain(int number, int length, Digest seed) {
    this.number = number;
    this.length = length;
    this.remembered = new Digest[length / STRIDE + 1];
    Digest place = seed;
    for (int at = length; at >= 0; at--) {
      if (at % STRIDE == 0) {
        remembered[at / STRIDE] = place;
      }
      place = HashChain.before(place);
    }
  }

  /** The chain of a validator with this number, counted from 0. Takes some 20 ms. */
  public static BeaconChain of(SigningKey key, NetworkId network, int number) {
    return of(key, network, number, LENGTH);
  }

  /** A chain of another length, a multiple of 256. */
  static BeaconChain of(SigningKey key, NetworkId network, int number, int length) {
    if (number < 0 || length < STRIDE || length % STRIDE != 0) {
      throw new IllegalArgumentException("no chain " + number + " of " + length + " places");
    }
    byte[] subject =
        ByteBuffer.allocate(Long.BYTES + network.settlement().bytes().length + Integer.BYTES)
            .putLong(network.chainId())
            .put(network.settlement().bytes())
            .putInt(number)
            .array();
    Digest seed = Digest.sha256(key.sign(Digest.sha256(TAG, subject)).bytes());
    return new BeaconChain(number, length, seed);
  }

  public int number() {
    return number;
  }

  public int length() {
    return length;
  }

  /** What the validator announces. */
  public Digest tip() {
    return place(0);
  }

  /**
   * The place that is revealed {@code at} slots after the tip's.
   *
   * @param at 0 for the tip, at most {@link #length}
   */
  public Digest place(long at) {
    if (at < 0 || at > length) {
      throw new IllegalArgumentException("the chain has places 0.." + length + ", not " + at);
    }
    int above = (int) Math.ceilDiv(at, STRIDE);
    return HashChain.before(remembered[above], (long) above * STRIDE - at);
  }
}
