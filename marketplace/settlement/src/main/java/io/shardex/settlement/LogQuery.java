package io.shardex.settlement;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.methods.request.EthFilter;
import org.web3j.protocol.core.methods.response.EthLog;
import org.web3j.protocol.core.methods.response.Log;

/** Asks a node for the logs of some sources, and believes no others. */
record LogQuery(Set<LogSource> sources) {
  LogQuery {
    sources = Set.copyOf(sources);
  }

  /**
   * The logs of these blocks, both included, in chain order. A range that the node finds too large
   * is asked for in halves.
   *
   * @throws ChainFailure.BadAnswer when the node tells of others, or in another order
   */
  List<Log> read(Web3j node, long from, long to) throws IOException {
    try {
      return checked(Answers.of(node.ethGetLogs(filter(from, to))), from, to);
    } catch (ChainFailure.NodeRefused e) {
      if (from == to) {
        throw e;
      }
      long middle = from + (to - from) / 2;
      List<Log> both = new ArrayList<>(read(node, from, middle));
      both.addAll(read(node, middle + 1, to));
      return both;
    }
  }

  static long block(Log log) {
    return log.getBlockNumber().longValueExact();
  }

  private EthFilter filter(long from, long to) {
    EthFilter filter =
        new EthFilter(
            ChainClient.at(from),
            ChainClient.at(to),
            sources.stream().map(LogSource::contract).distinct().sorted().toList());
    filter.addOptionalTopics(
        sources.stream().map(LogSource::topic).distinct().sorted().toArray(String[]::new));
    return filter;
  }

  private List<Log> checked(EthLog answer, long from, long to) {
    List<Log> logs = new ArrayList<>();
    for (EthLog.LogResult<?> result : answer.getLogs()) {
      Log log = (Log) result.get();
      boolean asked = block(log) >= from && block(log) <= to && sources.contains(LogSource.of(log));
      boolean inOrder = logs.isEmpty() || follows(log, logs.getLast());
      if (!asked || !inOrder || log.isRemoved()) {
        throw new ChainFailure.BadAnswer(
            "asked for logs of blocks %d to %d, the node told %s".formatted(from, to, log));
      }
      logs.add(log);
    }
    return logs;
  }

  private static boolean follows(Log log, Log before) {
    int blocks = Long.compare(block(log), block(before));
    return blocks > 0 || (blocks == 0 && log.getLogIndex().compareTo(before.getLogIndex()) > 0);
  }
}
