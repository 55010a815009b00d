package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.JobId;
import io.shardex.pricing.Amount;
import io.shardex.settlement.ChainBooks.Claim;
import io.shardex.settlement.ChainBooks.Grant;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.web3j.protocol.core.methods.response.Log;

/** Which logs move money between whom. */
final class BooksReading {
  private final Map<LogSource, Consumer<Log>> readings;
  private final Map<JobId, Amount> deposited = new HashMap<>();
  private final Map<Claim, Amount> credited = new HashMap<>();
  private final Map<JobId, Amount> refunded = new HashMap<>();
  private final Map<JobId, Amount> reclaimed = new HashMap<>();
  private final Map<Address, Amount> slashed = new HashMap<>();
  private final Map<Grant, Amount> compensated = new HashMap<>();
  private final Map<Claim, Amount> creditsMissing = new HashMap<>();
  private final Map<Address, Amount> slashesMissing = new HashMap<>();
  private final Map<Grant, Amount> compensationsMissing = new HashMap<>();

  BooksReading(Contracts contracts) {
    Address escrow = contracts.escrow();
    Address vault = contracts.stakeVault();
    Address settlement = contracts.settlement();
    readings =
        Map.of(
            LogSource.of(escrow, JobEscrow.DEPOSITED_EVENT), this::deposited,
            LogSource.of(escrow, JobEscrow.RECLAIMED_EVENT), this::reclaimed,
            LogSource.of(settlement, Settlement.CREDITED_EVENT), this::credited,
            LogSource.of(settlement, Settlement.CLOSED_EVENT), this::closed,
            LogSource.of(settlement, Settlement.SHORTFALL_EVENT), this::shortfall,
            LogSource.of(settlement, Settlement.COMPENSATED_EVENT), this::compensated,
            LogSource.of(settlement, Settlement.COMPENSATIONSHORTFALL_EVENT),
                this::compensationShortfall,
            LogSource.of(vault, StakeVault.SLASHED_EVENT), this::slashed,
            LogSource.of(vault, StakeVault.SLASHSHORTFALL_EVENT), this::slashShortfall);
  }

  LogQuery query() {
    return new LogQuery(readings.keySet());
  }

  void add(List<Log> logs) {
    for (Log log : logs) {
      Consumer<Log> reading = readings.get(LogSource.of(log));
      if (reading == null) {
        throw new IllegalArgumentException("not a log that moves money: " + log);
      }
      reading.accept(log);
    }
  }

  ChainBooks books(long block) {
    return new ChainBooks(
        block,
        deposited,
        credited,
        refunded,
        reclaimed,
        slashed,
        compensated,
        new ChainBooks.Missing(creditsMissing, slashesMissing, compensationsMissing));
  }

  private void deposited(Log log) {
    var event = JobEscrow.getDepositedEventFromLog(log);
    add(deposited, Units.job(event.jobId), event.amount, log);
  }

  private void reclaimed(Log log) {
    var event = JobEscrow.getReclaimedEventFromLog(log);
    add(reclaimed, Units.job(event.jobId), event.amount, log);
  }

  private void credited(Log log) {
    var event = Settlement.getCreditedEventFromLog(log);
    add(
        credited,
        new Claim(Units.job(event.jobId), Units.address(event.payee)),
        event.increase,
        log);
  }

  private void closed(Log log) {
    var event = Settlement.getClosedEventFromLog(log);
    add(refunded, Units.job(event.jobId), event.refunded, log);
  }

  private void shortfall(Log log) {
    var event = Settlement.getShortfallEventFromLog(log);
    creditsMissing.put(
        new Claim(Units.job(event.jobId), Units.address(event.payee)), amount(event.missing, log));
  }

  private void compensated(Log log) {
    var event = Settlement.getCompensatedEventFromLog(log);
    add(
        compensated,
        new Grant(Units.address(event.owner), Units.address(event.beneficiary)),
        event.increase,
        log);
  }

  private void compensationShortfall(Log log) {
    var event = Settlement.getCompensationShortfallEventFromLog(log);
    compensationsMissing.put(
        new Grant(Units.address(event.owner), Units.address(event.beneficiary)),
        amount(event.missing, log));
  }

  private void slashed(Log log) {
    var event = StakeVault.getSlashedEventFromLog(log);
    add(slashed, Units.address(event.owner), event.increase, log);
  }

  private void slashShortfall(Log log) {
    var event = StakeVault.getSlashShortfallEventFromLog(log);
    slashesMissing.put(Units.address(event.owner), amount(event.missing, log));
  }

  private static <K> void add(Map<K, Amount> sums, K key, BigInteger units, Log log) {
    if (units.signum() > 0) {
      sums.merge(key, amount(units, log), Amount::plus);
    }
  }

  private static Amount amount(BigInteger units, Log log) {
    return Units.amount(units, "money in " + log.getTransactionHash());
  }
}
