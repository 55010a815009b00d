package io.shardex.settlement;

import java.time.Duration;

/**
 * How a sender follows its transactions.
 *
 * @param poll time between looks for a receipt
 * @param resend a transaction without a receipt is handed in again after this time: the node may
 *     have lost it
 * @param bump and with higher fees after this time
 * @param maxBumps how often at most
 * @param giveUp after this time the caller is told that it is stuck
 * @param confirmations how deep a receipt must lie before the sender lets go of its transaction
 */
public record Pace(
    Duration poll,
    Duration resend,
    Duration bump,
    int maxBumps,
    Duration giveUp,
    Confirmations confirmations) {
  /** For a chain on this machine with a block a second. */
  public static Pace local() {
    return new Pace(
        Duration.ofMillis(50),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        8,
        Duration.ofSeconds(90),
        new Confirmations(0));
  }

  /** For a public chain with a block every several seconds. */
  public static Pace remote() {
    return new Pace(
        Duration.ofSeconds(1),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        12,
        Duration.ofMinutes(15),
        new Confirmations(1));
  }

  /** What suits a chain: development chains have a block a second. */
  public static Pace of(long chainId) {
    return chainId == DevChain.ID ? local() : remote();
  }

  public Pace withConfirmations(Confirmations depth) {
    return new Pace(poll, resend, bump, maxBumps, giveUp, depth);
  }
}
