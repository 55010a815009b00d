package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.Unprepared;
import io.shardex.market.Address;
import io.shardex.market.state.Job;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.ClientFailure;
import io.shardex.protocol.client.JobAccount;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import java.math.BigInteger;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/** {@code shardex wallet balance}. */
@Command(
    name = "balance",
    description =
        "Shows tokens, gas money, what can be withdrawn, stake, and deposits of your jobs.",
    footer = {
      "  shardex wallet balance",
      "  shardex wallet balance -o json    amounts as strings of millionths of a token",
    })
final class WalletBalance extends NetworkCommand {
  WalletBalance(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Address who = session.wallet().address();
    TokenChain chain = session.chain();
    Amount tokens = chain.tokens(who);
    BigInteger gas = chain.gas(who);
    Amount withdrawable = chain.withdrawable(who);
    StakeMoney stake = chain.stake(who);
    screen.line("account       " + who);
    screen.line("tokens        " + tokens);
    screen.line("gas money     " + Figures.coins(gas));
    screen.line("withdrawable  " + withdrawable);
    screen.line("stake         " + stake.bonded() + " bonded" + unbonding(stake));
    ObjectNode object =
        Screen.object()
            .put("address", who.toString())
            .put("tokens", Figures.units(tokens))
            .put("gas", gas.toString())
            .put("withdrawable", Figures.units(withdrawable));
    ObjectNode staked =
        object
            .putObject("stake")
            .put("bonded", Figures.units(stake.bonded()))
            .put("unbonding", Figures.units(stake.unbonding()))
            .put("slashed", Figures.units(stake.slashed()));
    if (!stake.unbonding().isZero()) {
      staked.put("freeAt", Figures.time(TimeUnit.SECONDS.toMillis(stake.availableAt())));
    }
    deposits(session, who, object, screen);
    screen.object(object);
  }

  private static String unbonding(StakeMoney stake) {
    String unbonding =
        stake.unbonding().isZero()
            ? ""
            : ", %s unbonding, free from %s"
                .formatted(
                    stake.unbonding(),
                    Figures.time(TimeUnit.SECONDS.toMillis(stake.availableAt())));
    return unbonding + (stake.slashed().isZero() ? "" : ", " + stake.slashed() + " slashed");
  }

  /** What the chain says stands, whether the nodes answer or not. */
  private static void deposits(Session session, Address who, ObjectNode object, Screen screen)
      throws Exception {
    ArrayNode list = object.putArray("deposits");
    try {
      for (Job job : session.board().jobs(Optional.of(who))) {
        Optional<JobAccount> account = session.market().job(job.id());
        if (account.isPresent() && !job.settled()) {
          list.addObject()
              .put("job", job.id().toString())
              .put("free", Figures.units(account.get().free()))
              .put("held", Figures.units(account.get().held()));
          screen.line(
              "deposit       %s free, %s held, of job %s (%s)"
                  .formatted(
                      account.get().free(),
                      account.get().held(),
                      Figures.brief(job.id()),
                      job.terms().name()));
        }
      }
    } catch (ClientFailure | Unprepared e) {
      screen.note("deposits are not known: " + e.getMessage());
    }
  }
}
