package io.shardex.market.state;

import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import java.util.Comparator;

/**
 * One account of the ledger: a kind, and whose.
 *
 * @param beneficiary zero but for compensation out of {@code party}'s stake
 */
public record Account(Kind kind, JobId job, Address party, Address beneficiary)
    implements Comparable<Account> {
  private static final JobId NO_JOB = new JobId(Digest.ZERO);
  private static final Comparator<Account> ORDER =
      Comparator.comparing(Account::kind)
          .thenComparing(Account::job)
          .thenComparing(Account::party)
          .thenComparing(Account::beneficiary);

  /** What the money in an account is. Sources count what came in from the chain. */
  public enum Kind {
    /** Source: all that was deposited for jobs. */
    DEPOSITS,
    /** Of a job: neither held nor spent. */
    FREE,
    /** Of a job: reserved for shards that are out. */
    HELD,
    /** Of a job: earned by a payee. */
    PAID,
    /** Of a job: the network's fee. */
    FEES,
    /** Of a job: goes, or went, back to the builder. */
    REFUNDED,
    /** Source: all that was staked. */
    STAKE_IN,
    /** Of an owner: counts for leases. */
    BONDED,
    /** Of an owner: asked back, not yet taken. */
    UNBONDING,
    /** Stake that went back to its owners. */
    WITHDRAWN,
    /** Of an owner: slashed, and given to nobody. */
    BURNED,
    /** Of an owner: slashed, and given to a beneficiary. */
    COMPENSATED
  }

  private Account(Kind kind, JobId job, Address party) {
    this(kind, job, party, Address.ZERO);
  }

  public static Account source(Kind kind) {
    return new Account(kind, NO_JOB, Address.ZERO);
  }

  /** Where a kind's money of jobs that left the state is kept. */
  public static Account retired(Kind kind) {
    return new Account(kind, NO_JOB, Address.ZERO);
  }

  public static Account of(Kind kind, JobId job) {
    return new Account(kind, job, Address.ZERO);
  }

  public static Account of(Kind kind, Address owner) {
    return new Account(kind, NO_JOB, owner);
  }

  public static Account compensated(Address owner, Address beneficiary) {
    return new Account(Kind.COMPENSATED, NO_JOB, owner, beneficiary);
  }

  public static Account paid(JobId job, Address payee) {
    return new Account(Kind.PAID, job, payee);
  }

  @Override
  public int compareTo(Account other) {
    return ORDER.compare(this, other);
  }
}
