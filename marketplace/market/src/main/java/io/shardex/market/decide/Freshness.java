package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Rejection.Reason;

/** Whether a signed command is of this time, not seen before, and of a key that may write here. */
final class Freshness {
  private Freshness() {}

  static void check(Step step, Envelope envelope, Address signer) {
    // A worker registers before the market knows its key; its owner's stake is checked there.
    Refusal.unless(
        envelope.command() instanceof Command.RegisterWorker || step.state().knows(signer),
        Reason.UNKNOWN_KEY,
        "the market knows no deposit, stake, worker or validator of " + signer);
    Refusal.unless(
        envelope.expiryMillis() > step.now(),
        Reason.COMMAND_EXPIRED,
        "the command expired at " + envelope.expiryMillis() + " and it is " + step.now());
    // A beat moves the market's time, which may lie far behind after an outage; its slot makes it
    // fresh. Before the first slot the market has no time to measure a life by.
    Refusal.unless(
        step.now() == 0
            || envelope.command() instanceof Command.Beat
            || envelope.expiryMillis() <= step.now() + 2 * step.rules().pace().commandLife(),
        Reason.EXPIRY_TOO_FAR,
        "the expiry "
            + envelope.expiryMillis()
            + " is more than "
            + 2 * step.rules().pace().commandLife()
            + " ms after "
            + step.now());
    Refusal.unless(
        envelope.nonce() > 0, Reason.MALFORMED, "nonces start at 1, not at " + envelope.nonce());
    Refusal.unless(
        !step.state().nonces(signer).isUsed(envelope.nonce()),
        Reason.NONCE_USED,
        "nonce " + envelope.nonce() + " of " + signer + " was used before");
  }
}
