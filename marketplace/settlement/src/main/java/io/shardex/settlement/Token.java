package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.DevToken;
import org.web3j.tx.exceptions.ContractCallException;

/** The escrow token of a network, an ERC-20 with 6 decimals. */
public final class Token {
  private final ContractViews views;

  public Token(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
  }

  /** What an account has. */
  public Amount balance(Address account) {
    String what = "token balance of " + account;
    return Units.amount(
        views.read(what, at -> at.token().balanceOf(account.toString()).send()), what);
  }

  /**
   * The decimals of a token that no network uses yet.
   *
   * @throws ChainFailure.BadAnswer when there is no token at the address
   */
  public static int decimals(ChainClient chain, Address token) {
    String what = "decimals of the token " + token;
    return chain
        .ask(
            what,
            node -> {
              try {
                return Wrappers.token(token, node).decimals().send();
              } catch (ContractCallException e) {
                throw new ChainFailure.BadAnswer(what + ": " + e.getMessage());
              }
            })
        .intValueExact();
  }

  /** Sends tokens of the sender's account to another. */
  public Receipt transfer(TransactionSender sender, Address to, Amount amount) {
    return sender.run(
        call(
            "transfer of " + amount + " to " + to,
            views
                .calls()
                .token()
                .transfer(to.toString(), Units.units(amount))
                .encodeFunctionCall()));
  }

  /** Makes new tokens of a development token; only its deployer may. */
  public Receipt mint(TransactionSender deployer, Address to, Amount amount) {
    return deployer.run(mintCall(views.contracts().token(), to, amount));
  }

  /** A call of {@link DevToken}, which needs no network yet. */
  static Call mintCall(Address token, Address to, Amount amount) {
    return Call.to(
        token,
        "mint of " + amount + " for " + to,
        Wrappers.token(token).mint(to.toString(), Units.units(amount)).encodeFunctionCall());
  }

  /** Lets a contract take so much. */
  Call approve(Address spender, Amount amount) {
    return call(
        "approval of " + amount + " for " + spender,
        views
            .calls()
            .token()
            .approve(spender.toString(), Units.units(amount))
            .encodeFunctionCall());
  }

  private Call call(String what, String data) {
    return Call.to(views.contracts().token(), what, data);
  }
}
