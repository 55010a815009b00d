package io.shardex.cli.command;

import io.shardex.cli.Declined;
import io.shardex.pricing.Amount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex wallet unstake}. */
@Command(
    name = "unstake",
    description = {
      "Starts to unbond stake: it counts no more from now on.",
      "",
      "When it is free, which 'shardex wallet balance' tells, 'shardex wallet withdraw' pays it out."
    },
    footer = {
      "  shardex wallet unstake 5",
      "  shardex wallet balance      says from when on it is free",
    })
final class WalletUnstake extends NetworkCommand {
  @Parameters(
      paramLabel = "AMOUNT",
      converter = AmountConverter.class,
      description = "In tokens, at most 6 decimals.")
  private Amount amount;

  // picocli fills the amount in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WalletUnstake(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    TokenChain.Holder holder = session.holder();
    Amount bonded = session.chain().stake(holder.address()).bonded();
    if (bonded.isLessThan(amount)) {
      throw new Declined(
          "account %s has %s bonded, and %s was to be unbonded"
              .formatted(holder.address(), bonded, amount),
          bonded.isZero()
              ? "Nothing was sent; there is no stake"
              : "Unbond %s at most; nothing was sent".formatted(bonded));
    }
    Payment.make(
        "unbonding %s of %s".formatted(amount, bonded), screen, () -> holder.unstake(amount));
  }
}
