package io.shardex.settlement;

import io.shardex.market.Address;
import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.Map;
import java.util.function.Function;
import org.web3j.protocol.core.methods.response.Log;

/** Which logs tell the market something, and what. */
final class LogReading {
  private final Map<LogSource, Function<Log, ChainEvent>> readings;

  LogReading(Contracts contracts) {
    Address escrow = contracts.escrow();
    Address vault = contracts.stakeVault();
    Address settlement = contracts.settlement();
    readings =
        Map.of(
            LogSource.of(escrow, JobEscrow.DEPOSITED_EVENT), LogReading::deposited,
            LogSource.of(escrow, JobEscrow.RECLAIMED_EVENT), LogReading::reclaimed,
            LogSource.of(vault, StakeVault.STAKED_EVENT), LogReading::staked,
            LogSource.of(vault, StakeVault.UNSTAKEREQUESTED_EVENT), LogReading::unstakeRequested,
            LogSource.of(vault, StakeVault.UNSTAKED_EVENT), LogReading::unstaked,
            LogSource.of(settlement, Settlement.SETTLED_EVENT), LogReading::settled,
            LogSource.of(settlement, Settlement.SHORTFALL_EVENT), LogReading::shortfall);
  }

  /** For exactly the logs that {@link #read} reads. */
  LogQuery query() {
    return new LogQuery(readings.keySet());
  }

  ChainEvent read(Log log) {
    Function<Log, ChainEvent> reading = readings.get(LogSource.of(log));
    if (reading == null) {
      throw new IllegalArgumentException("not a log the market knows: " + log);
    }
    return reading.apply(log);
  }

  private static ChainEvent deposited(Log log) {
    var event = JobEscrow.getDepositedEventFromLog(log);
    return new ChainEvent.Deposited(
        Units.job(event.jobId),
        Units.address(event.builder),
        Units.bits(event.nonce),
        Digest.of(event.specDigest),
        Units.bits(event.refundAt),
        amount(event.amount, "deposit", log));
  }

  private static ChainEvent reclaimed(Log log) {
    var event = JobEscrow.getReclaimedEventFromLog(log);
    return new ChainEvent.Reclaimed(
        Units.job(event.jobId), amount(event.amount, "reclaimed money", log));
  }

  private static ChainEvent staked(Log log) {
    var event = StakeVault.getStakedEventFromLog(log);
    return new ChainEvent.Staked(Units.address(event.owner), amount(event.amount, "stake", log));
  }

  private static ChainEvent unstakeRequested(Log log) {
    var event = StakeVault.getUnstakeRequestedEventFromLog(log);
    return new ChainEvent.UnstakeRequested(
        Units.address(event.owner), amount(event.amount, "stake to unbond", log));
  }

  private static ChainEvent unstaked(Log log) {
    var event = StakeVault.getUnstakedEventFromLog(log);
    return new ChainEvent.Unstaked(
        Units.address(event.owner), amount(event.amount, "withdrawn stake", log));
  }

  private static ChainEvent settled(Log log) {
    var event = Settlement.getSettledEventFromLog(log);
    return new ChainEvent.Settled(Units.bits(event.id), Digest.of(event.batchDigest));
  }

  private static ChainEvent shortfall(Log log) {
    var event = Settlement.getShortfallEventFromLog(log);
    return new ChainEvent.Shortfall(
        Units.job(event.jobId),
        Units.address(event.payee),
        amount(event.missing, "shortfall", log));
  }

  private static Amount amount(BigInteger units, String what, Log log) {
    return Units.amount(
        units, "the %s in transaction %s".formatted(what, log.getTransactionHash()));
  }
}
