package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;

/** Balances in the Settlement contract: pay, refunds of closed jobs and compensation. */
public final class Payouts {
  private final ContractViews views;

  public Payouts(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
  }

  /** What an account can withdraw. */
  public Amount withdrawable(Address account) {
    String what = "balance to withdraw of " + account;
    return Units.amount(
        views.read(what, at -> at.settlement().withdrawable(account.toString()).send()), what);
  }

  /**
   * Pays the whole balance of the sender's account to {@code to}.
   *
   * @throws ChainFailure.Reverted {@code NothingToWithdraw}
   */
  public Receipt withdraw(TransactionSender account, Address to) {
    return account.run(
        Call.to(
            views.contracts().settlement(),
            "withdrawal to " + to,
            views.calls().settlement().withdraw(to.toString()).encodeFunctionCall()));
  }
}
