package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.Signature;
import java.util.Optional;

/** The one strict reading of signatures: one signer and digest have one accepted signature form. */
public final class Signatures {
  /** What an unsigned envelope carries in its signature's place. */
  public static final Signature NONE = new Signature(Digest.ZERO, Digest.ZERO, 0);

  static final int FIRST_V = 27;

  private Signatures() {}

  /**
   * The address behind a signature over {@code digest}. Empty unless v is 27 or 28, r lies in
   * 1..n-1, s in 1..n/2 (EIP-2) and a key fits. Never throws for bad input.
   */
  public static Optional<Address> recover(Digest digest, Signature signature) {
    if (!isWellFormed(signature)) {
      return Optional.empty();
    }
    byte[] rs = new byte[2 * Digest.BYTES];
    System.arraycopy(signature.bytes(), 0, rs, 0, rs.length);
    return Curve.recover(digest.bytes(), rs, signature.v() - FIRST_V);
  }

  private static boolean isWellFormed(Signature signature) {
    boolean lowS = signature.s().compareTo(Curve.HALF_ORDER) <= 0;
    boolean knownV = signature.v() == FIRST_V || signature.v() == FIRST_V + 1;
    return knownV && lowS && Curve.inRange(signature.r()) && Curve.inRange(signature.s());
  }
}
