package io.shardex.cli.command;

import io.shardex.cli.Declined;
import io.shardex.pricing.Amount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex wallet stake}. */
@Command(
    name = "stake",
    description = {
      "Bonds tokens as an owner's stake, which each of its workers needs.",
      "",
      "Lies that are proven are paid for out of it."
    },
    footer = {
      "  shardex wallet stake 10     enough for two workers where one needs 5",
    })
final class WalletStake extends NetworkCommand {
  @Parameters(
      paramLabel = "AMOUNT",
      converter = AmountConverter.class,
      description = "In tokens, at most 6 decimals.")
  private Amount amount;

  // picocli fills the amount in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WalletStake(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    TokenChain.Holder holder = session.holder();
    Amount least = session.network().rules().money().workerStake();
    Amount bonded = session.chain().stake(holder.address()).bonded();
    if (bonded.plus(amount).isLessThan(least)) {
      throw new Declined(
          "a worker needs a stake of %s, but %s would be bonded"
              .formatted(least, bonded.plus(amount)),
          "Stake %s or more; nothing was paid".formatted(least.minus(bonded)));
    }
    Payment.require(amount, holder.balance(), holder.address());
    Payment.make(
        "staking %s on top of %s".formatted(amount, bonded), screen, () -> holder.stake(amount));
  }
}
