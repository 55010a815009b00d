package io.shardex.protocol.key;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Network;
import io.shardex.market.Signature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Signs one key's commands for one network. Safe for many threads. */
public final class EnvelopeSigner {
  /** A command is good for two minutes, or for {@code Rules.commandLife} where that is less. */
  private static final long LIFE_MILLIS = 120_000;

  /** No clock is further off that only has another time zone's hours, or drifts. */
  private static final Duration MOST_OFF = Duration.ofDays(1);

  private static final Duration FIRST_SKIP = Duration.ofMinutes(1);

  private final SigningKey key;
  private final TypedData typedData;
  private final Nonces nonces;
  private final InstantSource clock;
  private final long lifeMillis;
  private volatile long offMillis;
  private Duration skipped = Duration.ZERO;

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

  /**
   * Goes by another clock for the expiry of commands, after the market has found one too early or
   * too late. A node that lies about the time gains signatures that are good for nothing, or for a
   * day at most.
   *
   * @param marketMillis what the market's clock shows now
   * @return how far this signer's own clock is ahead of it; what is more than a day is not believed
   */
  public Duration goBy(long marketMillis) {
    Duration ahead = Duration.ofMillis(clock.millis()).minusMillis(marketMillis);
    if (ahead.abs().compareTo(MOST_OFF) <= 0) {
      offMillis = -ahead.toMillis();
    }
    return ahead;
  }

  /**
   * Goes on with higher nonces, after the market has found one used that was not: the key's last
   * signer had a clock that was ahead of this one's. By a minute at first, then by twice as much.
   *
   * @return false if that comes to more than a day, which no clock explains
   */
  public synchronized boolean skipNonces() {
    Duration skip = skipped.isZero() ? FIRST_SKIP : skipped;
    if (skipped.plus(skip).compareTo(MOST_OFF) > 0) {
      return false;
    }
    skipped = skipped.plus(skip);
    nonces.skip(skip);
    return true;
  }

  /** As an owner: the signature that puts a worker's key under this one. */
  public Signature endorse(Address worker) {
    return key.sign(typedData.workerKey(key.address(), worker));
  }

  private Envelope sign(Command command, Optional<Signature> endorsement) {
    long nonce = nonces.next();
    long expiryMillis = clock.millis() + offMillis + lifeMillis;
    Signature signature = key.sign(typedData.command(command, nonce, expiryMillis));
    return new Envelope(command, nonce, expiryMillis, signature, endorsement);
  }
}
