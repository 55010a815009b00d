package io.shardex.market;

import java.util.Optional;

/**
 * A command as its author signed it and as the log holds it.
 *
 * @param nonce a number the signer uses once; makes every retry harmless
 * @param expiryMillis market time after which the command is refused
 * @param endorsement for {@link Command.RegisterWorker} the owner's signature over (owner, worker)
 */
public record Envelope(
    Command command,
    long nonce,
    long expiryMillis,
    Signature signature,
    Optional<Signature> endorsement) {}
