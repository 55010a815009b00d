package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import java.util.List;

/** The JobEscrow contract: the money of jobs. */
public final class Escrow {
  /** A first deposit takes about 150,000. It cannot be estimated before the approval is mined. */
  private static final long DEPOSIT_GAS = 300_000;

  private static final long APPROVE_GAS = 100_000;

  private final ContractViews views;
  private final Token token;

  public Escrow(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
    this.token = new Token(chain, contracts);
  }

  /** A deposit in the chain, and the job it is for. */
  public record Deposit(JobId job, Receipt receipt) {}

  /** The id of the job with these terms of deposit; nothing is asked of the chain. */
  public JobId jobId(Address builder, long nonce, Digest specDigest, long refundAt) {
    Contracts contracts = views.contracts();
    return JobId.of(contracts.chainId(), contracts.escrow(), builder, nonce, specDigest, refundAt);
  }

  /**
   * Pays for a job of the sender's account. The same first arguments again top it up.
   *
   * @param nonce the builder's own number of the job
   * @param refundAt seconds since 1970, as the chain counts
   * @throws ChainFailure.Reverted for example {@code ERC20InsufficientBalance} or {@code
   *     RefundAtOutOfRange}
   */
  public Deposit deposit(
      TransactionSender builder, long nonce, Digest specDigest, long refundAt, Amount amount) {
    JobId job = jobId(builder.address(), nonce, specDigest, refundAt);
    Address escrow = views.contracts().escrow();
    String data =
        views
            .calls()
            .escrow()
            .deposit(
                builder.address().toString(),
                Units.unsigned(nonce),
                specDigest.bytes(),
                Units.unsigned(refundAt),
                Units.units(amount))
            .encodeFunctionCall();
    return new Deposit(
        job,
        builder.run(
            List.of(
                token.approve(escrow, amount).withGas(APPROVE_GAS),
                Call.to(escrow, "deposit of " + amount + " for job " + job, data)
                    .withGas(DEPOSIT_GAS))));
  }

  /**
   * Pays the builder all that is left of a job, from its refund date on.
   *
   * @throws ChainFailure.Reverted {@code TooEarlyToReclaim}, {@code NothingToReclaim} or {@code
   *     NotTheBuilder}
   */
  public Receipt reclaim(TransactionSender builder, JobId job) {
    return builder.run(
        Call.to(
            views.contracts().escrow(),
            "reclaim of job " + job,
            views.calls().escrow().reclaim(job.value().bytes()).encodeFunctionCall()));
  }
}
