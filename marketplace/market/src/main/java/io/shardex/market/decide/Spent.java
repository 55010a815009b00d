package io.shardex.market.decide;

import io.shardex.market.JobId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Ledger;
import io.shardex.pricing.Amount;

/** What a job has spent for good. */
final class Spent {
  private Spent() {}

  /** Pay and fees together. */
  static Amount gross(Ledger ledger, JobId job) {
    return ledger.paidBy(job).values().stream()
        .reduce(ledger.balance(Account.of(Kind.FEES, job)), Amount::plus);
  }
}
