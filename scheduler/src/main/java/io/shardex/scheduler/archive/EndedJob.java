package io.shardex.scheduler.archive;

import static io.shardex.market.codec.Records.field;
import static io.shardex.market.codec.Records.record;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.market.Stamp;
import io.shardex.market.codec.Codec;
import io.shardex.market.codec.Primitives;
import io.shardex.market.codec.ValueCodecs;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.Job;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.StateCodec;
import io.shardex.pricing.Amount;
import java.util.Comparator;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A job after the chain has confirmed its last total: nothing of this changes any more.
 *
 * @param settled the command that confirmed it
 * @param paid by payee
 * @param submittedMillis market time of its submission, 0 if this node does not know
 */
public record EndedJob(
    Stamp settled,
    Job job,
    NavigableMap<Address, Amount> paid,
    Amount fees,
    Amount refunded,
    long submittedMillis) {
  static final Codec<EndedJob> CODEC =
      record(
          EndedJob::new,
          field(ValueCodecs.STAMP, EndedJob::settled),
          field(StateCodec.JOB, EndedJob::job),
          field(Codec.map(ValueCodecs.ADDRESS, ValueCodecs.AMOUNT), EndedJob::paid),
          field(ValueCodecs.AMOUNT, EndedJob::fees),
          field(ValueCodecs.AMOUNT, EndedJob::refunded),
          field(Primitives.LONG, EndedJob::submittedMillis));

  /** Its place in the order of settlement; one command may settle several jobs. */
  record Place(Stamp settled, JobId job) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::settled).thenComparing(Place::job);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  Place place() {
    return new Place(settled, job.id());
  }

  static EndedJob of(Stamp settled, Job job, Ledger ledger, long submittedMillis) {
    return new EndedJob(
        settled,
        job,
        new TreeMap<>(ledger.paidBy(job.id())),
        ledger.balance(Account.of(Kind.FEES, job.id())),
        ledger.balance(Account.of(Kind.REFUNDED, job.id())),
        submittedMillis);
  }
}
