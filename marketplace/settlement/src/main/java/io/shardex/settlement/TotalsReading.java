package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.web3j.protocol.core.methods.response.Log;

/** Which logs move money, and what they add to which total. */
final class TotalsReading {
  private enum Total {
    ESCROWED,
    PAID,
    FEES,
    REFUNDED,
    STAKE_IN,
    STAKE_OUT,
    SLASHED,
    COMPENSATED,
    WITHDRAWN
  }

  private record Addition(Total total, BigInteger units) {}

  private final Map<LogSource, Function<Log, Addition>> readings;
  private final Map<Total, Amount> sums = new EnumMap<>(Total.class);

  TotalsReading(Contracts contracts, Address treasury) {
    Address escrow = contracts.escrow();
    Address vault = contracts.stakeVault();
    Address settlement = contracts.settlement();
    readings =
        Map.of(
            LogSource.of(escrow, JobEscrow.DEPOSITED_EVENT),
            log -> new Addition(Total.ESCROWED, JobEscrow.getDepositedEventFromLog(log).amount),
            LogSource.of(escrow, JobEscrow.RECLAIMED_EVENT),
            log -> new Addition(Total.REFUNDED, JobEscrow.getReclaimedEventFromLog(log).amount),
            LogSource.of(settlement, Settlement.CLOSED_EVENT),
            log -> new Addition(Total.REFUNDED, Settlement.getClosedEventFromLog(log).refunded),
            LogSource.of(settlement, Settlement.CREDITED_EVENT),
            log -> credited(Settlement.getCreditedEventFromLog(log), treasury),
            LogSource.of(settlement, Settlement.COMPENSATED_EVENT),
            log ->
                new Addition(
                    Total.COMPENSATED, Settlement.getCompensatedEventFromLog(log).increase),
            LogSource.of(settlement, Settlement.WITHDRAWN_EVENT),
            log -> new Addition(Total.WITHDRAWN, Settlement.getWithdrawnEventFromLog(log).amount),
            LogSource.of(vault, StakeVault.STAKED_EVENT),
            log -> new Addition(Total.STAKE_IN, StakeVault.getStakedEventFromLog(log).amount),
            LogSource.of(vault, StakeVault.UNSTAKED_EVENT),
            log -> new Addition(Total.STAKE_OUT, StakeVault.getUnstakedEventFromLog(log).amount),
            LogSource.of(vault, StakeVault.SLASHED_EVENT),
            log -> new Addition(Total.SLASHED, StakeVault.getSlashedEventFromLog(log).increase));
  }

  private static Addition credited(Settlement.CreditedEventResponse event, Address treasury) {
    boolean isFee = Units.address(event.payee).equals(treasury);
    return new Addition(isFee ? Total.FEES : Total.PAID, event.increase);
  }

  LogQuery query() {
    return new LogQuery(readings.keySet());
  }

  void add(List<Log> logs) {
    for (Log log : logs) {
      Function<Log, Addition> reading = readings.get(LogSource.of(log));
      if (reading == null) {
        throw new IllegalArgumentException("not a log that moves money: " + log);
      }
      Addition addition = reading.apply(log);
      sums.merge(
          addition.total(),
          Units.amount(addition.units(), "money in " + log.getTransactionHash()),
          Amount::plus);
    }
  }

  ChainTotals totals(long block) {
    return new ChainTotals(
        block,
        sum(Total.ESCROWED),
        sum(Total.PAID),
        sum(Total.FEES),
        sum(Total.REFUNDED),
        sum(Total.STAKE_IN),
        sum(Total.STAKE_OUT),
        sum(Total.SLASHED),
        sum(Total.COMPENSATED),
        sum(Total.WITHDRAWN));
  }

  private Amount sum(Total total) {
    return sums.getOrDefault(total, Amount.ZERO);
  }
}
