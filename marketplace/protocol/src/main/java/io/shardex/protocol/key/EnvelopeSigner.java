package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Network;
import io.shardex.market.Signature;
import java.time.InstantSource;
import java.util.Optional;

/** Signs one key's commands for one network. Safe for many threads. */
public final class EnvelopeSigner {
  /** A command is good for two minutes, or for {@code Rules.commandLife} where that is less. */
  private static final long LIFE_MILLIS = 120_000;

  private final SigningKey key;
  private final TypedData typedData;
  private final Nonces nonces;
  private final InstantSource clock;
  private final long lifeMillis;

  /**
   * @param nonces the key's only source of nonces
   * @param clock the market's clock as far as the signer knows it; its own will do
   */
  public EnvelopeSigner(SigningKey key, Network network, Nonces nonces, InstantSource clock) {
    this.key = key;
    this.typedData = TypedData.of(network);
    this.nonces = nonces;
    this.clock = clock;
    this.lifeMillis = Math.min(LIFE_MILLIS, network.rules().pace().commandLife());
  }

  /** A log's first entry, which nobody signs. */
  public static Envelope genesis(Network network) {
    return new Envelope(new Command.Genesis(network), 0, 0, Signatures.NONE, Optional.empty());
  }

  /** Whom the envelopes come from. */
  public Address address() {
    return key.address();
  }

  /** The command with a new nonce, an expiry and this key's signature. */
  public Envelope sign(Command command) {
    return sign(command, Optional.empty());
  }

  /** A registration that carries the owner's {@link #endorse endorsement}. */
  public Envelope sign(Command.RegisterWorker command, Signature endorsement) {
    return sign(command, Optional.of(endorsement));
  }

  /** As an owner: the signature that puts a worker's key under this one. */
  public Signature endorse(Address worker) {
    return key.sign(typedData.workerKey(key.address(), worker));
  }

  private Envelope sign(Command command, Optional<Signature> endorsement) {
    long nonce = nonces.next();
    long expiryMillis = clock.millis() + lifeMillis;
    Signature signature = key.sign(typedData.command(command, nonce, expiryMillis));
    return new Envelope(command, nonce, expiryMillis, signature, endorsement);
  }
}
