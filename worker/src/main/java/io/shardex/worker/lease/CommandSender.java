package io.shardex.worker.lease;

import io.shardex.market.Command;
import io.shardex.market.Envelope;
import io.shardex.market.Outcome;
import io.shardex.market.Rejection;
import io.shardex.protocol.key.EnvelopeSigner;
import io.shardex.worker.link.Link;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a worker's commands. One whose time or number the market finds stale is signed anew: by the
 * market's clock, if this machine's is wrong, and with a higher nonce, if it once was.
 */
public final class CommandSender {
  private static final Logger LOG = LoggerFactory.getLogger(CommandSender.class);

  /** Before it is signed with a later expiry. */
  private static final Duration SIGNING = Duration.ofSeconds(1);

  /** What would still be stale after so many is no matter of clocks. */
  private static final int MOST_SIGNINGS = 16;

  /** Clocks that differ by less are nothing to complain about. */
  private static final Duration TOLD = Duration.ofSeconds(30);

  private final EnvelopeSigner signer;
  private final Link link;
  private final Patience.Pause pause;

  /** A sender of one key's commands. */
  public CommandSender(EnvelopeSigner signer, Link link) {
    this(signer, link, Thread::sleep);
  }

  CommandSender(EnvelopeSigner signer, Link link, Patience.Pause pause) {
    this.signer = signer;
    this.link = link;
    this.pause = pause;
  }

  /**
   * Sends what is signed, once but for new signings.
   *
   * @throws io.shardex.worker.link.LinkFailure if nobody answers
   */
  public Outcome once(Function<EnvelopeSigner, Envelope> signing) {
    for (int signings = 1; ; signings++) {
      Outcome outcome = link.submit(signing.apply(signer));
      if (!isStale(outcome) || signings == MOST_SIGNINGS || !freshen(outcome)) {
        return outcome;
      }
    }
  }

  /**
   * Sends a command until it is answered. Each try is the same envelope, so that at most one of
   * them counts, until it expires.
   *
   * @param over whether there is no use in going on
   * @throws LeaseFailure if no try can help
   * @throws InterruptedException if it is over
   */
  Outcome send(Command command, BooleanSupplier over) throws LeaseFailure, InterruptedException {
    Patience patience = new Patience(over, pause);
    for (int signings = 1; ; signings++) {
      int[] tries = {0};
      Envelope envelope = signer.sign(command);
      Outcome outcome =
          patience.call(
              () -> {
                tries[0]++;
                return link.submit(envelope);
              });
      if (reason(outcome) == Rejection.Reason.NONCE_USED && tries[0] > 1) {
        // A refused command does not use its nonce: an earlier try was applied, its answer lost.
        return new Outcome.Accepted(List.of());
      }
      if (!isStale(outcome)
          || over.getAsBoolean()
          || signings == MOST_SIGNINGS
          || !patience.call(() -> freshen(outcome))) {
        return outcome;
      }
      if (reason(outcome) != Rejection.Reason.NONCE_USED) {
        pause.of(SIGNING);
      }
    }
  }

  private static boolean isStale(Outcome outcome) {
    Rejection.Reason reason = reason(outcome);
    return reason == Rejection.Reason.COMMAND_EXPIRED
        || reason == Rejection.Reason.EXPIRY_TOO_FAR
        || reason == Rejection.Reason.NONCE_USED;
  }

  private static Rejection.@Nullable Reason reason(Outcome outcome) {
    return outcome instanceof Outcome.Rejected rejected ? rejected.rejection().reason() : null;
  }

  /** Makes the next signature another one; false if there is no use in that. */
  private boolean freshen(Outcome stale) {
    if (reason(stale) == Rejection.Reason.NONCE_USED) {
      LOG.warn("the key was used with a clock ahead of this one, or another agent uses it");
      return signer.skipNonces();
    }
    Duration ahead = signer.goBy(link.clockMillis());
    if (ahead.abs().compareTo(TOLD) > 0) {
      LOG.warn(
          "this machine's clock is {} s {} the market's; set it, by NTP",
          ahead.abs().toSeconds(),
          ahead.isNegative() ? "behind" : "ahead of");
    }
    return true;
  }
}
