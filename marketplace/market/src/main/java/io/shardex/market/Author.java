package io.shardex.market;

import java.util.Optional;

/**
 * Who signed a command, as every replica recovered it before applying the entry.
 *
 * @param signer the key behind the envelope's signature; empty when the signature is missing or bad
 * @param endorser the key behind the endorsement of {@link Command.RegisterWorker}; empty when
 *     there is none
 */
public record Author(Optional<Address> signer, Optional<Address> endorser) {
  public static final Author NOBODY = new Author(Optional.empty(), Optional.empty());

  public static Author of(Address signer) {
    return new Author(Optional.of(signer), Optional.empty());
  }
}
