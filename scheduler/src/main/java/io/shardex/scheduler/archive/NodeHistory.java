package io.shardex.scheduler.archive;

import io.shardex.market.Event;
import io.shardex.market.Stamp;
import io.shardex.market.state.MarketState;
import io.shardex.protocol.network.NetworkId;
import io.shardex.scheduler.replica.LogKeeper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The past as this node keeps it: the log's entries, and the histories of jobs and payees. */
public final class NodeHistory implements LogKeeper, AutoCloseable {
  /** Length of an archive's file: some hours of a quiet network. */
  private static final long SEGMENT_BYTES = 16L << 20;

  private final LogArchive log;
  private final JobChronicle jobs;
  private final PayeeChronicle payees;

  private NodeHistory(LogArchive log, JobChronicle jobs, PayeeChronicle payees) {
    this.log = log;
    this.jobs = jobs;
    this.payees = payees;
  }

  /** Opens the folders {@code archive}, {@code jobs} and {@code payees} of a node's folder. */
  public static NodeHistory open(Path folder, NetworkId network) throws IOException {
    LogArchive log = LogArchive.open(folder.resolve("archive"), network, SEGMENT_BYTES);
    try {
      return new NodeHistory(
          log,
          JobChronicle.open(folder.resolve("jobs")),
          PayeeChronicle.open(folder.resolve("payees"), log.through() + 1));
    } catch (IOException e) {
      log.close();
      throw e;
    }
  }

  public LogArchive log() {
    return log;
  }

  public JobChronicle jobs() {
    return jobs;
  }

  public PayeeChronicle payees() {
    return payees;
  }

  /** The indices up to {@code to} of which this node has no record, because of a snapshot. */
  public List<IndexRange> holes(long to) {
    List<IndexRange> holes = new ArrayList<>();
    long next = 0;
    for (IndexRange held : log.ranges()) {
      if (held.first() > next && next <= to) {
        holes.add(new IndexRange(next, Math.min(to, held.first() - 1)));
      }
      next = held.last() + 1;
    }
    if (log.through() >= next && next <= to) {
      holes.add(new IndexRange(next, Math.min(to, log.through())));
    }
    return holes;
  }

  @Override
  public void happened(Stamp at, List<Event> events, MarketState after) {
    jobs.happened(at, events, after);
    payees.happened(at, events, after);
  }

  @Override
  public void applied(long index, byte[] entry) {
    log.append(index, entry);
  }

  @Override
  public void restored(long index) {
    log.restored(index);
  }

  @Override
  public Durable written() {
    Durable entries = log.written();
    Durable histories = jobs.written();
    Durable earnings = payees.written();
    return () -> {
      histories.sync();
      earnings.sync();
      entries.sync();
    };
  }

  @Override
  public void close() throws IOException {
    try (log;
        payees) {
      jobs.close();
    }
  }
}
