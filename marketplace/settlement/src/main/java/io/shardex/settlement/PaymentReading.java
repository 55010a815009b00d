package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.settlement.JobPayment.Kind;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.web3j.protocol.core.methods.response.Log;

/** Which logs give away a job's money, and to whom. */
final class PaymentReading {
  private final JobId job;
  private final Address builder;
  private final Map<LogSource, Function<Log, Optional<JobPayment>>> readings;

  /**
   * @param builder whose the refunds are; a close does not say
   */
  PaymentReading(Contracts contracts, JobId job, Address builder) {
    this.job = job;
    this.builder = builder;
    readings =
        Map.of(
            LogSource.of(contracts.settlement(), Settlement.CREDITED_EVENT), this::credited,
            LogSource.of(contracts.settlement(), Settlement.CLOSED_EVENT), this::closed,
            LogSource.of(contracts.escrow(), JobEscrow.RECLAIMED_EVENT), this::reclaimed);
  }

  LogQuery query() {
    return new LogQuery(readings.keySet());
  }

  /** The payments of this job among the logs, in their order. */
  List<JobPayment> read(List<Log> logs) {
    return logs.stream().flatMap(log -> read(log).stream()).toList();
  }

  private Optional<JobPayment> read(Log log) {
    Function<Log, Optional<JobPayment>> reading = readings.get(LogSource.of(log));
    if (reading == null) {
      throw new IllegalArgumentException("not a log of a payment: " + log);
    }
    return reading.apply(log);
  }

  private Optional<JobPayment> credited(Log log) {
    var event = Settlement.getCreditedEventFromLog(log);
    return payment(event.jobId, Units.address(event.payee), event.increase, Kind.PAY, log);
  }

  private Optional<JobPayment> closed(Log log) {
    var event = Settlement.getClosedEventFromLog(log);
    return payment(event.jobId, builder, event.refunded, Kind.REFUND, log);
  }

  private Optional<JobPayment> reclaimed(Log log) {
    var event = JobEscrow.getReclaimedEventFromLog(log);
    return payment(event.jobId, Units.address(event.builder), event.amount, Kind.REFUND, log);
  }

  /** Empty for another job's, and for a close that leaves nothing to give back. */
  private Optional<JobPayment> payment(
      byte[] of, Address payee, BigInteger units, Kind kind, Log log) {
    if (!Units.job(of).equals(job) || units.signum() == 0) {
      return Optional.empty();
    }
    String transaction = log.getTransactionHash();
    return Optional.of(
        new JobPayment(
            payee,
            Units.amount(units, "the payment in transaction " + transaction),
            kind,
            transaction,
            LogQuery.block(log)));
  }
}
