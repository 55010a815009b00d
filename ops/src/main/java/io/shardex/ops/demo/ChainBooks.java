package io.shardex.ops.demo;

import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.ops.localnet.MoneyTotals;
import io.shardex.settlement.ChainAccounts;
import io.shardex.settlement.ChainClient;
import io.shardex.settlement.ChainTotals;
import io.shardex.settlement.Contracts;
import io.shardex.settlement.JobPayment;
import java.util.List;

/**
 * What the contracts, not the market, say after a job: all money that moved, and who got what of
 * the job.
 *
 * @param payments in the chain's order
 */
record ChainBooks(MoneyTotals totals, List<JobPayment> payments) {
  ChainBooks {
    payments = List.copyOf(payments);
  }

  /** The books after the newest block. */
  static ChainBooks of(ChainClient chain, Network network, JobId job) {
    ChainAccounts accounts = new ChainAccounts(chain, Contracts.of(network));
    long block = chain.latestBlock();
    ChainTotals totals = accounts.totals(block, network.treasury());
    return new ChainBooks(
        new MoneyTotals(
            totals.escrowed(),
            totals.paid(),
            totals.fees(),
            totals.refunded(),
            totals.stakeIn(),
            totals.stakeSlashed()),
        accounts.payments(job, block));
  }

  /** The hashes of the payments' transactions, none twice. */
  List<String> transactions() {
    return payments.stream().map(JobPayment::transaction).distinct().toList();
  }
}
