package io.shardex.cli.command;

import io.shardex.cli.ChainEscrow;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;
import io.shardex.protocol.key.SigningKey;
import io.shardex.settlement.ChainAccounts;
import io.shardex.settlement.ChainAccounts.StakeMoney;
import io.shardex.settlement.ChainBlock;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.DevChain;
import io.shardex.settlement.Pace;
import io.shardex.settlement.Payouts;
import io.shardex.settlement.Stake;
import io.shardex.settlement.Token;
import io.shardex.settlement.TransactionSender;
import java.math.BigInteger;
import java.net.URI;

/**
 * The chain over JSON-RPC.
 *
 * @param first the preferred endpoint
 */
record Web3Chain(ChainClient client, Contracts contracts, URI first) implements TokenChain {
  @Override
  public Amount tokens(Address who) {
    return new Token(client, contracts).balance(who);
  }

  @Override
  public BigInteger gas(Address who) {
    return client.gasMoney(who);
  }

  @Override
  public Amount withdrawable(Address who) {
    return new Payouts(client, contracts).withdrawable(who);
  }

  @Override
  public StakeMoney stake(Address who) {
    return new ChainAccounts(client, contracts).stake(who);
  }

  @Override
  public ChainBlock newestBlock() {
    return client.block(client.latestBlock()).orElseThrow();
  }

  @Override
  public boolean hasCode(Address contract) {
    return client.hasCode(contract);
  }

  @Override
  public boolean isForDevelopment() {
    return client.chainId() == DevChain.ID && new DevChain(first).answers();
  }

  @Override
  public void giveGas(Address who, BigInteger wei) {
    new DevChain(first).setGasMoney(who, wei);
  }

  @Override
  public String giveTokens(Address who, Amount amount) {
    return new DevChain(first).mint(contracts.token(), who, amount);
  }

  @Override
  public Holder holder(SigningKey key) {
    TransactionSender sender = new TransactionSender(client, key, Pace.of(client.chainId()));
    return new Account(
        sender,
        new ChainEscrow(client, contracts, sender),
        new Stake(client, contracts),
        new Payouts(client, contracts));
  }

  private record Account(TransactionSender sender, ChainEscrow escrow, Stake vault, Payouts payouts)
      implements Holder {
    @Override
    public Address address() {
      return sender.address();
    }

    @Override
    public Amount balance() {
      return escrow.balance();
    }

    @Override
    public long latestBlock() {
      return escrow.latestBlock();
    }

    @Override
    public String deposit(long nonce, Digest specDigest, long refundAt, Amount amount) {
      return escrow.deposit(nonce, specDigest, refundAt, amount);
    }

    @Override
    public String stake(Amount amount) {
      return vault.stake(sender, amount).hash();
    }

    @Override
    public String unstake(Amount amount) {
      return vault.requestUnstake(sender, amount).hash();
    }

    @Override
    public String withdrawStake() {
      return vault.withdraw(sender).hash();
    }

    @Override
    public String withdrawPay() {
      return payouts.withdraw(sender, sender.address()).hash();
    }
  }
}
