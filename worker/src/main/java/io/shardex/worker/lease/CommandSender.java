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

/** Sends a worker's commands until they are answered. */
final class CommandSender {
  private final EnvelopeSigner signer;
  private final Link link;
  private final Patience.Pause pause;

  CommandSender(EnvelopeSigner signer, Link link, Patience.Pause pause) {
    this.signer = signer;
    this.link = link;
    this.pause = pause;
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
    while (true) {
      int[] tries = {0};
      Envelope envelope = signer.sign(command);
      Outcome outcome =
          patience.call(
              () -> {
                tries[0]++;
                return link.submit(envelope);
              });
      switch (outcome) {
        case Outcome.Accepted accepted -> {
          return accepted;
        }
        case Outcome.Rejected rejected -> {
          Rejection.Reason reason = rejected.rejection().reason();
          if (reason == Rejection.Reason.NONCE_USED && tries[0] > 1) {
            // A refused command does not use its nonce: an earlier try was applied, its answer
            // lost.
            return new Outcome.Accepted(List.of());
          }
          if (reason != Rejection.Reason.COMMAND_EXPIRED || over.getAsBoolean()) {
            return rejected;
          }
          pause.of(Duration.ofSeconds(1));
        }
      }
    }
  }
}
