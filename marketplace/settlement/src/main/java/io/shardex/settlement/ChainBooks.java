package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.util.Map;

/**
 * What the network's contracts took and gave, line by line, over all blocks up to one. A map holds
 * no zeros.
 *
 * @param block the last block counted
 * @param deposited paid in for each job
 * @param credited to each payee of each job; the treasury is a payee
 * @param refunded back to each job's builder when it was closed
 * @param reclaimed by each job's builder after its refund date
 * @param slashed from each owner's stake
 * @param compensated out of an owner's stake to a beneficiary
 * @param missing what the newest settlement could not cover
 */
public record ChainBooks(
    long block,
    Map<JobId, Amount> deposited,
    Map<Claim, Amount> credited,
    Map<JobId, Amount> refunded,
    Map<JobId, Amount> reclaimed,
    Map<Address, Amount> slashed,
    Map<Grant, Amount> compensated,
    Missing missing) {
  public ChainBooks {
    deposited = Map.copyOf(deposited);
    credited = Map.copyOf(credited);
    refunded = Map.copyOf(refunded);
    reclaimed = Map.copyOf(reclaimed);
    slashed = Map.copyOf(slashed);
    compensated = Map.copyOf(compensated);
  }

  /** A payee's claim on a job's money. */
  public record Claim(JobId job, Address payee) {
    @Override
    public String toString() {
      return "job " + job + " to payee " + payee;
    }
  }

  /** A beneficiary's claim on what an owner lost. */
  public record Grant(Address owner, Address beneficiary) {
    @Override
    public String toString() {
      return "owner " + owner + " to beneficiary " + beneficiary;
    }
  }

  /** By how much a line was larger than what was left, when it was settled last. */
  public record Missing(
      Map<Claim, Amount> credits, Map<Address, Amount> slashes, Map<Grant, Amount> compensations) {
    public Missing {
      credits = Map.copyOf(credits);
      slashes = Map.copyOf(slashes);
      compensations = Map.copyOf(compensations);
    }
  }
}
