package io.shardex.settlement;

import io.shardex.market.ChainEvent;
import io.shardex.market.FactValue.ChainPage;
import java.io.IOException;
import java.util.List;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.methods.response.Log;

/**
 * What the network's contracts did, block by block: the logs that the market knows an event for, of
 * these contracts only, in the order of the chain.
 */
public final class ChainEvents {
  private final ContractViews views;
  private final LogReading reading;

  public ChainEvents(ChainClient chain, Contracts contracts) {
    this.views = new ContractViews(chain, contracts);
    this.reading = new LogReading(contracts);
  }

  /** Every event in the blocks {@code from} to {@code to}, both included. */
  public List<ChainEvent> events(long from, long to) {
    return page(from, to, Integer.MAX_VALUE).events();
  }

  /**
   * The events from block {@code from} on, up to block {@code to} or, when there are more than
   * {@code mostEvents}, to an earlier block: whole blocks only, and at least the first, even if
   * that one alone has more.
   *
   * @throws ChainFailure.BadAnswer when the chain has not come to {@code to}, or the node tells
   *     what cannot be
   * @throws ChainFailure.AmountTooLarge when an event tells more money than the market can count
   */
  public ChainPage page(long from, long to, int mostEvents) {
    if (from < 0 || from > to || mostEvents < 1) {
      throw new IllegalArgumentException(
          "not a page: blocks %d to %d, %d events".formatted(from, to, mostEvents));
    }
    return views
        .chain()
        .ask(
            "events of blocks %d to %d".formatted(from, to),
            node -> page(node, from, to, mostEvents));
  }

  /** From one node, so that one that lags behind cannot pass off its ignorance as silence. */
  private ChainPage page(Web3j node, long from, long to, int mostEvents) throws IOException {
    ChainBlock end = mustHave(node, to);
    List<Log> logs = reading.query().read(node, from, to);
    long covered = logs.size() <= mostEvents ? to : lastWholeBlock(logs, from, mostEvents);
    if (covered < to) {
      logs = logs.stream().filter(log -> LogQuery.block(log) <= covered).toList();
      end = mustHave(node, covered);
    }
    return new ChainPage(covered, end.timeMillis(), logs.stream().map(reading::read).toList());
  }

  /** The block before the one of the first event too many, but no earlier than {@code from}. */
  private static long lastWholeBlock(List<Log> logs, long from, int mostEvents) {
    return Math.max(from, LogQuery.block(logs.get(mostEvents)) - 1);
  }

  private static ChainBlock mustHave(Web3j node, long number) throws IOException {
    return ChainClient.block(node, number)
        .orElseThrow(() -> new ChainFailure.BadAnswer("the node has no block " + number));
  }
}
