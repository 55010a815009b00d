package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import java.util.List;
import org.web3j.protocol.core.RemoteFunctionCall;

/** The StakeVault contract: the stake of the workers' owners. */
public final class Stake {
  /** A first stake takes about 110,000. It cannot be estimated before the approval is mined. */
  private static final long STAKE_GAS = 250_000;

  private static final long APPROVE_GAS = 100_000;

  private final ContractViews views;
  private final Token token;

  public Stake(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
    this.token = new Token(chain, contracts);
  }

  /** Bonds tokens of the sender's account as its stake. */
  public Receipt stake(TransactionSender owner, Amount amount) {
    Address vault = views.contracts().stakeVault();
    Call stake =
        call("stake of " + amount, views.calls().vault().stake(Units.units(amount)))
            .withGas(STAKE_GAS);
    return owner.run(List.of(token.approve(vault, amount).withGas(APPROVE_GAS), stake));
  }

  /**
   * Starts to unbond; the stake counts no more from now on.
   *
   * @throws ChainFailure.Reverted {@code NotEnoughBonded}
   */
  public Receipt requestUnstake(TransactionSender owner, Amount amount) {
    return owner.run(
        call("unstaking of " + amount, views.calls().vault().requestUnstake(Units.units(amount))));
  }

  /**
   * Pays out what has finished unbonding.
   *
   * @throws ChainFailure.Reverted {@code NothingUnbonding} or {@code StillUnbonding}
   */
  public Receipt withdraw(TransactionSender owner) {
    return owner.run(call("withdrawal of stake", views.calls().vault().withdrawUnstaked()));
  }

  private Call call(String what, RemoteFunctionCall<?> function) {
    return Call.to(views.contracts().stakeVault(), what, function.encodeFunctionCall());
  }
}
