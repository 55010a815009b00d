package io.shardex.settlement;

import io.shardex.market.ChainEvent;
import io.shardex.market.Digest;
import io.shardex.pricing.Amount;
import io.shardex.settlement.contract.JobEscrow;
import io.shardex.settlement.contract.Settlement;
import io.shardex.settlement.contract.StakeVault;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.web3j.abi.EventEncoder;
import org.web3j.abi.datatypes.Event;
import org.web3j.protocol.core.methods.request.EthFilter;
import org.web3j.protocol.core.methods.response.Log;

/** Which logs tell the market something, and what. */
final class LogReading {
  /** A log is known by the contract it is of (in lower case) and its event's topic. */
  private record Source(String contract, String topic) {}

  private final Map<Source, Function<Log, ChainEvent>> readings;

  LogReading(Contracts contracts) {
    String escrow = contracts.escrow().toString();
    String vault = contracts.stakeVault().toString();
    String settlement = contracts.settlement().toString();
    readings =
        Map.of(
            source(escrow, JobEscrow.DEPOSITED_EVENT), LogReading::deposited,
            source(escrow, JobEscrow.RECLAIMED_EVENT), LogReading::reclaimed,
            source(vault, StakeVault.STAKED_EVENT), LogReading::staked,
            source(vault, StakeVault.UNSTAKEREQUESTED_EVENT), LogReading::unstakeRequested,
            source(vault, StakeVault.UNSTAKED_EVENT), LogReading::unstaked,
            source(settlement, Settlement.SETTLED_EVENT), LogReading::settled,
            source(settlement, Settlement.SHORTFALL_EVENT), LogReading::shortfall);
  }

  private static Source source(String contract, Event event) {
    return new Source(contract, EventEncoder.encode(event));
  }

  /** What to ask a node for: exactly the logs that {@link #read} reads. */
  EthFilter filter(long from, long to) {
    EthFilter filter =
        new EthFilter(
            ChainClient.at(from),
            ChainClient.at(to),
            List.copyOf(
                readings.keySet().stream().map(Source::contract).collect(Collectors.toSet())));
    filter.addOptionalTopics(
        readings.keySet().stream().map(Source::topic).sorted().toArray(String[]::new));
    return filter;
  }

  boolean isOurs(Log log) {
    return readings.containsKey(sourceOf(log));
  }

  ChainEvent read(Log log) {
    Function<Log, ChainEvent> reading = readings.get(sourceOf(log));
    if (reading == null) {
      throw new IllegalArgumentException("not a log the market knows: " + log);
    }
    return reading.apply(log);
  }

  private static Source sourceOf(Log log) {
    return new Source(log.getAddress().toLowerCase(Locale.ROOT), log.getTopics().getFirst());
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
