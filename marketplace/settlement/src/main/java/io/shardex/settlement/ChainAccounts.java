package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.Optional;
import org.web3j.protocol.core.RemoteFunctionCall;

/** The chain's own books, to compare the market's with. */
public final class ChainAccounts {
  /** Blocks a request; public nodes allow at least as many. */
  private static final long PAGE = 1_000;

  private final ContractViews views;

  public ChainAccounts(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
  }

  /**
   * The money of a job: deposits = credited + refunded + left.
   *
   * @param credited paid to workers, auditors and the treasury
   * @param refunded back with the builder, by close or reclaim
   */
  public record JobMoney(
      Address builder,
      Amount deposits,
      Amount credited,
      Amount refunded,
      Amount left,
      boolean closed) {}

  /**
   * The stake of an owner.
   *
   * @param availableAt seconds since 1970 from which {@code unbonding} can be withdrawn; 0 if there
   *     never was any
   */
  public record StakeMoney(
      Amount bonded, Amount unbonding, long availableAt, Amount slashed, Amount compensated) {}

  /** A job's books; empty when nobody ever paid into it. */
  public Optional<JobMoney> job(JobId job) {
    byte[] id = job.value().bytes();
    JobMoney money =
        views.read(
            "books of job " + job,
            at -> {
              JobEscrow escrow = at.escrow();
              return new JobMoney(
                  Units.address(escrow.builderOf(id).send()),
                  amount(escrow.deposits(id)),
                  amount(escrow.credited(id)),
                  amount(escrow.refunded(id)),
                  amount(escrow.left(id)),
                  escrow.closed(id).send());
            });
    return Optional.of(money).filter(found -> !found.builder().equals(Address.ZERO));
  }

  /** An owner's books; all zero for one who never staked. */
  public StakeMoney stake(Address owner) {
    String who = owner.toString();
    return views.read(
        "stake of " + owner,
        at -> {
          StakeVault vault = at.vault();
          return new StakeMoney(
              amount(vault.bonded(who)),
              amount(vault.unbonding(who)),
              vault.availableAt(who).send().longValueExact(),
              amount(vault.slashed(who)),
              amount(vault.compensated(who)));
        });
  }

  /** What a payee was credited out of a job so far. */
  public Amount creditedTo(JobId job, Address payee) {
    return views.read(
        "credit of " + payee,
        at -> amount(at.settlement().creditedTo(job.value().bytes(), payee.toString())));
  }

  /**
   * The totals over all blocks up to {@code block}, read from the events.
   *
   * @param treasury the payee whose credits are fees
   */
  public ChainTotals totals(long block, Address treasury) {
    TotalsReading reading = new TotalsReading(views.contracts(), treasury);
    LogQuery query = reading.query();
    for (long from = views.contracts().startBlock(); from <= block; from += PAGE) {
      long first = from;
      long last = Math.min(block, from + PAGE - 1);
      reading.add(views.chain().ask("money moved", node -> query.read(node, first, last)));
    }
    return reading.totals(block);
  }

  private static Amount amount(RemoteFunctionCall<BigInteger> view) throws Exception {
    return Units.amount(view.send(), "a sum in the books");
  }
}
