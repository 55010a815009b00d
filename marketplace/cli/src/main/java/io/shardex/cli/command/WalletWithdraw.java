package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.Declined;
import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

/** {@code shardex wallet withdraw}. */
@Command(
    name = "withdraw",
    description = "Pays out what Settlement owes you, and stake that has finished unbonding.",
    footer = {
      "  shardex wallet withdraw",
    })
final class WalletWithdraw extends NetworkCommand {
  WalletWithdraw(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    Address who = session.wallet().address();
    TokenChain chain = session.chain();
    Amount owed = chain.withdrawable(who);
    StakeMoney stake = chain.stake(who);
    long freeAtMillis = TimeUnit.SECONDS.toMillis(stake.availableAt());
    boolean stakeIsFree =
        !stake.unbonding().isZero() && freeAtMillis <= chain.newestBlock().timeMillis();
    if (owed.isZero() && !stakeIsFree) {
      throw new Declined(
          "there is nothing to withdraw for " + who,
          stake.unbonding().isZero()
              ? "Nothing was sent; pay comes when a job is settled: 'shardex wallet balance' shows it"
              : "Nothing was sent; %s of stake is free from %s"
                  .formatted(stake.unbonding(), Figures.time(freeAtMillis)));
    }
    TokenChain.Holder holder = session.holder();
    ObjectNode object = Screen.object();
    ArrayNode done = object.putArray("withdrawals");
    if (!owed.isZero()) {
      pay(
          "withdrawing %s out of Settlement to %s".formatted(owed, who),
          screen,
          done,
          owed,
          holder::withdrawPay);
    }
    if (stakeIsFree) {
      pay(
          "withdrawing %s of stake to %s".formatted(stake.unbonding(), who),
          screen,
          done,
          stake.unbonding(),
          holder::withdrawStake);
    }
    screen.object(object);
  }

  private static void pay(
      String what, Screen screen, ArrayNode done, Amount amount, Supplier<String> transaction) {
    screen.note(what);
    String hash = transaction.get();
    screen.line("done by transaction " + hash);
    done.addObject().put("amount", Figures.units(amount)).put("transaction", hash);
  }
}
