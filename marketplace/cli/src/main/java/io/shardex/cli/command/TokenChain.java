package io.shardex.cli.command;

import io.shardex.cli.EscrowAccount;
import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import io.shardex.settlement.ChainBlock;
import java.math.BigInteger;

/** The network's chain as a token holder sees it. */
public interface TokenChain {
  /** Tokens of an account. */
  Amount tokens(Address who);

  /** Gas money of an account, in wei. */
  BigInteger gas(Address who);

  /** What Settlement owes an account. */
  Amount withdrawable(Address who);

  StakeMoney stake(Address who);

  ChainBlock newestBlock();

  boolean hasCode(Address contract);

  /** The account of this key, which may send transactions. */
  Holder holder(SigningKey key);

  /** Whether the chain gives tokens and gas away. */
  boolean isForDevelopment();

  /** Sets an account's gas money. Only a chain for development does that. */
  void giveGas(Address who, BigInteger wei);

  /**
   * Makes tokens out of nothing. Only a chain for development does that.
   *
   * @return the transaction's hash
   */
  String giveTokens(Address who, Amount amount);

  /** An account with its key; each call waits for a block and returns its transaction's hash. */
  interface Holder extends EscrowAccount {
    /** Bonds tokens as stake. */
    String stake(Amount amount);

    /** Starts to unbond stake. */
    String unstake(Amount amount);

    /** Takes out stake that has finished unbonding. */
    String withdrawStake();

    /** Takes out what Settlement owes. */
    String withdrawPay();
  }
}
