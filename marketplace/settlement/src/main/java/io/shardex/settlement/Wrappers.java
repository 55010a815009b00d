package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.settlement.contract.DevToken;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import io.shardex.settlement.contract.StakeVault;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.http.HttpService;
import org.web3j.tx.ReadonlyTransactionManager;
import org.web3j.tx.TransactionManager;
import org.web3j.tx.gas.DefaultGasProvider;

/**
 * The generated wrappers of a network's contracts, for views and for encoding calls. They never
 * send: that is the {@link TransactionSender}'s.
 */
record Wrappers(DevToken token, JobEscrow escrow, StakeVault vault, Settlement settlement) {
  /** Asked anything, it fails. */
  private static final Web3j NO_NODE = Web3j.build(new HttpService("http://127.0.0.1:0/"));

  /** For encoding calls, which needs no node. */
  static Wrappers of(Contracts contracts) {
    return of(contracts, NO_NODE);
  }

  /** For encoding calls of a token. */
  static DevToken token(Address token) {
    return token(token, NO_NODE);
  }

  static DevToken token(Address token, Web3j node) {
    return DevToken.load(token.toString(), node, reader(node), new DefaultGasProvider());
  }

  /** Views go to {@code node}. */
  static Wrappers of(Contracts contracts, Web3j node) {
    TransactionManager reader = reader(node);
    DefaultGasProvider gas = new DefaultGasProvider();
    return new Wrappers(
        DevToken.load(contracts.token().toString(), node, reader, gas),
        JobEscrow.load(contracts.escrow().toString(), node, reader, gas),
        StakeVault.load(contracts.stakeVault().toString(), node, reader, gas),
        Settlement.load(contracts.settlement().toString(), node, reader, gas));
  }

  private static TransactionManager reader(Web3j node) {
    return new ReadonlyTransactionManager(node, Address.ZERO.toString());
  }
}
