package io.shardex.protocol.job;

import io.shardex.market.JobTerms;
import io.shardex.pricing.Amount;

/** What the market is told of a job, and what its builder puts into escrow. */
public sealed interface Plan permits JobPlan, CommandPlan {
  JobTerms terms();

  Amount budget();

  /** What the budget lacks for all shards, and one audit of each in the last round; or zero. */
  default Amount missingBudget() {
    Amount needed = terms().leastBudget();
    return needed.minus(needed.min(budget()));
  }
}
