package io.shardex.cli;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.Escrow;
import io.shardex.settlement.Token;
import io.shardex.settlement.TransactionSender;

/** A builder's account on the network's chain. The client stays the caller's to close. */
public final class ChainEscrow implements EscrowAccount {
  private final ChainClient chain;
  private final TransactionSender builder;
  private final Escrow escrow;
  private final Token token;

  /**
   * @param builder the account's only sender
   */
  public ChainEscrow(ChainClient chain, Contracts contracts, TransactionSender builder) {
    this.chain = chain;
    this.builder = builder;
    this.escrow = new Escrow(chain, contracts);
    this.token = new Token(chain, contracts);
  }

  @Override
  public Address address() {
    return builder.address();
  }

  @Override
  public Amount balance() {
    return token.balance(builder.address());
  }

  @Override
  public long latestBlock() {
    return chain.latestBlock();
  }

  @Override
  public String deposit(long nonce, Digest specDigest, long refundAt, Amount amount) {
    return escrow.deposit(builder, nonce, specDigest, refundAt, amount).receipt().hash();
  }
}
