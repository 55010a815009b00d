package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.web3j.protocol.core.RemoteFunctionCall;
import org.web3j.protocol.core.methods.response.Log;

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
    eachPage("money moved", reading.query(), block, reading::add);
    return reading.totals(block);
  }

  /**
   * The books over all blocks up to {@code block}, read from the events: a line for each job,
   * payee, owner and beneficiary there ever was.
   */
  public ChainBooks books(long block) {
    BooksReading reading = new BooksReading(views.contracts());
    eachPage("money moved", reading.query(), block, reading::add);
    return reading.books(block);
  }

  /**
   * Who got what of a job in the blocks up to {@code block}, in the chain's order: credits, and
   * refunds that are not zero; nothing for a job nobody ever paid into.
   */
  public List<JobPayment> payments(JobId job, long block) {
    Optional<Address> builder = job(job).map(JobMoney::builder);
    if (builder.isEmpty()) {
      return List.of();
    }
    PaymentReading reading = new PaymentReading(views.contracts(), job, builder.get());
    List<JobPayment> payments = new ArrayList<>();
    eachPage(
        "payments of job " + job,
        reading.query(),
        block,
        logs -> payments.addAll(reading.read(logs)));
    return payments;
  }

  private void eachPage(String what, LogQuery query, long block, Consumer<List<Log>> reader) {
    for (long from = views.contracts().startBlock(); from <= block; from += PAGE) {
      long first = from;
      long last = Math.min(block, from + PAGE - 1);
      reader.accept(views.chain().ask(what, node -> query.read(node, first, last)));
    }
  }

  private static Amount amount(RemoteFunctionCall<BigInteger> view) throws Exception {
    return Units.amount(view.send(), "a sum in the books");
  }
}
