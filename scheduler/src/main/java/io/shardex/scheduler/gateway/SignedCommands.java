package io.shardex.scheduler.gateway;

import com.google.protobuf.ByteString;
import io.shardex.market.Address;
import io.shardex.market.Author;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Network;
import io.shardex.market.Rejection;
import io.shardex.market.Rejection.Reason;
import io.shardex.market.codec.CommandCodecs;
import io.shardex.market.state.MarketState;
import io.shardex.protocol.key.AuthorRecovery;
import io.shardex.protocol.key.TypedData;
import io.shardex.protocol.wire.WireLimits;
import io.shardex.protocol.wire.WireValues;
import java.util.Optional;

/**
 * The cheap refusals: what every replica would refuse anyway is refused here, before it costs the
 * log an entry. What passes may still be rejected there.
 */
final class SignedCommands {
  private SignedCommands() {}

  /**
   * Decodes an envelope. INVALID_ARGUMENT if it is malformed, too large for its kind, or Genesis,
   * which only a node itself writes.
   */
  static Envelope decode(ByteString bytes) {
    if (bytes.size() > WireLimits.ATTEST_BYTES) {
      throw Refusals.invalid(
          "a command has at most %d bytes, but %d came"
              .formatted(WireLimits.ATTEST_BYTES, bytes.size()));
    }
    Envelope envelope = WireValues.value(CommandCodecs.ENVELOPE, bytes);
    if (bytes.size() > WireLimits.ENVELOPE_BYTES
        && !(envelope.command() instanceof Command.Attest)) {
      throw Refusals.invalid(
          "a command that is no attestation has at most %d bytes, but %d came"
              .formatted(WireLimits.ENVELOPE_BYTES, bytes.size()));
    }
    if (envelope.command() instanceof Command.Genesis) {
      throw Refusals.invalid("the network's first entry does not come over the wire");
    }
    return envelope;
  }

  static Author author(Network network, Envelope envelope) {
    return new AuthorRecovery(TypedData.of(network), Runnable::run, 1).author(envelope);
  }

  /**
   * Who answers for the load: the signer, or for a new worker the owner who endorsed it. Empty if
   * the market knows neither.
   */
  static Optional<Address> payer(MarketState state, Envelope envelope, Author author) {
    Optional<Address> payer =
        envelope.command() instanceof Command.RegisterWorker ? author.endorser() : author.signer();
    return payer.filter(state::knows);
  }

  /** Why the log would refuse it, as far as signature, author and time tell. */
  static Optional<Rejection> refusal(MarketState state, Envelope envelope, Author author) {
    if (author.signer().isEmpty()) {
      return Optional.of(
          new Rejection(Reason.BAD_SIGNATURE, "no key could be recovered from the signature"));
    }
    if (payer(state, envelope, author).isEmpty()) {
      return Optional.of(
          new Rejection(
              Reason.UNKNOWN_KEY,
              "the market knows no deposit, stake, worker or validator of "
                  + author.endorser().or(author::signer).orElseThrow()));
    }
    if (isForValidators(envelope.command())
        && !state.ticks().containsKey(author.signer().orElseThrow())) {
      return Optional.of(
          new Rejection(
              Reason.NOT_A_VALIDATOR, author.signer().orElseThrow() + " is no validator"));
    }
    if (envelope.expiryMillis() <= state.clock().millis()) {
      return Optional.of(
          new Rejection(
              Reason.COMMAND_EXPIRED,
              "the command expired at %d and it is %d"
                  .formatted(envelope.expiryMillis(), state.clock().millis())));
    }
    return Optional.empty();
  }

  private static boolean isForValidators(Command command) {
    return command instanceof Command.Attest
        || command instanceof Command.Beat
        || command instanceof Command.ReportSilent;
  }
}
