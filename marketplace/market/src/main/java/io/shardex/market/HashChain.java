package io.shardex.market;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The hashes of the beacon. A validator commits to a chain by its tip and reveals one place a slot:
 * each place's {@link #before} is the place revealed the slot before, so a later place shows all
 * earlier ones, and nobody can reveal another place than the one it committed to.
 */
public final class HashChain {
  private static final byte[] LINK = "shardex.chain/1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BEACON = "shardex.beacon/1".getBytes(StandardCharsets.US_ASCII);

  private HashChain() {}

  /** The place that is revealed one slot earlier: SHA-256 of {@code shardex.chain/1} and this. */
  public static Digest before(Digest place) {
    return Digest.sha256(LINK, place.bytes());
  }

  /** The place that is revealed {@code steps} slots earlier. */
  public static Digest before(Digest place, long steps) {
    Digest found = place;
    for (long step = 0; step < steps; step++) {
      found = before(found);
    }
    return found;
  }

  /** A slot's beacon: SHA-256 of the tag, the slot, and each member's place, by its key. */
  public static Digest beacon(long slot, Map<Address, Digest> places) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + places.size() * (Address.BYTES + Digest.BYTES));
    bytes.putLong(slot);
    new TreeMap<>(places).forEach((member, place) -> bytes.put(member.bytes()).put(place.bytes()));
    return Digest.sha256(BEACON, bytes.array());
  }

  /**
   * A number drawn from a beacon for one purpose: 0 to {@code bound - 1}, with a bias below 2^-192.
   */
  public static long draw(Digest beacon, String purpose, byte[] subject, long bound) {
    Digest hash =
        Digest.sha256(beacon.bytes(), purpose.getBytes(StandardCharsets.US_ASCII), subject);
    return new BigInteger(1, hash.bytes()).mod(BigInteger.valueOf(bound)).longValueExact();
  }
}
