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

/** The past as this node keeps it: the log's entries and the jobs' histories. */
public final class NodeHistory implements LogKeeper, AutoCloseable {
  /** Length of an archive's file: some hours of a quiet network. */
  private static final long SEGMENT_BYTES = 16L << 20;

  private final LogArchive log;
  private final JobChronicle jobs;

  private NodeHistory(LogArchive log, JobChronicle jobs) {
    this.log = log;
    this.jobs = jobs;
  }

  /** Opens the folders {@code archive} and {@code jobs} of a node's folder. */
  public static NodeHistory open(Path folder, NetworkId network) throws IOException {
    LogArchive log = LogArchive.open(folder.resolve("archive"), network, SEGMENT_BYTES);
    try {
      return new NodeHistory(log, JobChronicle.open(folder.resolve("jobs")));
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
    return () -> {
      histories.sync();
      entries.sync();
    };
  }

  @Override
  public void close() throws IOException {
    try (log) {
      jobs.close();
    }
  }
}
