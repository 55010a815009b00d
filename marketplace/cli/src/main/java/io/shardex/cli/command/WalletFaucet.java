package io.shardex.cli.command;

import io.shardex.cli.Declined;
import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import java.math.BigInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex wallet faucet}. */
@Command(
    name = "faucet",
    description = "On a development chain only: gives you tokens, and gas money if you are short.",
    footer = {
      "  shardex wallet faucet          100 tokens",
      "  shardex wallet faucet 2500",
    })
final class WalletFaucet extends NetworkCommand {
  /** Ten whole coins: more transactions than anybody sends by hand. */
  private static final BigInteger GAS = BigInteger.TEN.pow(19);

  @Parameters(
      paramLabel = "AMOUNT",
      arity = "0..1",
      defaultValue = "100",
      converter = AmountConverter.class,
      description = "In tokens (${DEFAULT-VALUE}).")
  private Amount amount;

  // picocli fills the amount in before anything runs.
  @SuppressWarnings("NullAway.Init")
  WalletFaucet(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Address who = session.wallet().address();
    TokenChain chain = session.chain();
    if (!chain.isForDevelopment()) {
      throw new Declined(
          "chain %d is no development chain, and nothing is given away there"
              .formatted(session.network().chainId()),
          "Get tokens and gas money from somebody who has them; the address is " + who);
    }
    if (chain.gas(who).compareTo(GAS) < 0) {
      screen.note("setting the gas money of %s to %s".formatted(who, Figures.coins(GAS)));
      chain.giveGas(who, GAS);
    }
    Payment.make(
        "making %s new tokens for %s".formatted(amount, who),
        screen,
        () -> chain.giveTokens(who, amount));
  }
}
