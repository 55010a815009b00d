package io.shardex.protocol.key;

import fr.acinq.secp256k1.Secp256k1;
import fr.acinq.secp256k1.Secp256k1Exception;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import java.util.Arrays;
import java.util.Optional;

/** The curve secp256k1 (SEC 2, section 2.4.1), as libsecp256k1 computes it. */
final class Curve {
  /** Number of points: r and s of a signature and a secret key lie in 1..ORDER-1. */
  static final Digest ORDER =
      Digest.parse("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

  /** The largest low s (EIP-2): half of the order, rounded down. */
  static final Digest HALF_ORDER =
      Digest.parse("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

  private static final Secp256k1 LIBRARY = Secp256k1.get();

  private Curve() {}

  /** Whether the number is a secret key, or an r, of the curve. */
  static boolean inRange(Digest number) {
    return number.compareTo(Digest.ZERO) > 0 && number.compareTo(ORDER) < 0;
  }

  /** The address of a secret key: the last 20 bytes of the hash of its public key's coordinates. */
  static Address address(byte[] secret) {
    return addressOf(LIBRARY.pubkeyCreate(secret));
  }

  /** r and s, 32 bytes each; s is low, the nonce is RFC 6979's. */
  static byte[] sign(byte[] digest, byte[] secret) {
    return LIBRARY.sign(digest, secret);
  }

  /** The address whose key made (r, s) over the digest; empty when no point fits. */
  static Optional<Address> recover(byte[] digest, byte[] rs, int recoveryId) {
    try {
      return Optional.of(addressOf(LIBRARY.ecdsaRecover(rs, digest, recoveryId)));
    } catch (Secp256k1Exception noSuchPoint) {
      return Optional.empty();
    }
  }

  private static Address addressOf(byte[] uncompressed) {
    byte[] hash = Keccak.hash(Arrays.copyOfRange(uncompressed, 1, uncompressed.length));
    return Address.of(Arrays.copyOfRange(hash, hash.length - Address.BYTES, hash.length));
  }
}
