package io.shardex.scheduler.metrics;

import io.prometheus.client.Collector;
import io.shardex.consensus.ReplicaStatus;
import io.shardex.market.state.MarketState;
import io.shardex.scheduler.archive.LogArchive;
import io.shardex.scheduler.grid.GridStatus;
import io.shardex.scheduler.replica.MarketReplica;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a node holds at the moment it is asked. */
public final class NodeGauges extends Collector {
  private final String node;
  private final MarketReplica replica;
  private final Sources sources;
  private final NodeMetrics metrics;
  private final QueueAges ages;

  /**
   * Where the figures outside the market's state come from.
   *
   * @param raftFolder Raft's log and snapshots
   * @param certificateEnds when the node's certificate of TLS does; empty without TLS
   */
  public record Sources(
      Supplier<ReplicaStatus> raft,
      Supplier<GridStatus> grid,
      BooleanSupplier chainUp,
      LongSupplier finalBlock,
      BooleanSupplier ready,
      LogArchive archive,
      Path raftFolder,
      Optional<Instant> certificateEnds,
      InstantSource clock) {}

  public NodeGauges(String node, MarketReplica replica, Sources sources, NodeMetrics metrics) {
    this.node = node;
    this.replica = replica;
    this.sources = sources;
    this.metrics = metrics;
    this.ages = new QueueAges(sources.clock());
  }

  @Override
  public List<MetricFamilySamples> collect() {
    GaugePage page = new GaugePage(node);
    page.put("node_ready", "1 when the node is ready", sources.ready().getAsBoolean());
    page.put("state_hash_forked", "1 when a fellow holds another log", metrics.isForked());
    page.put(
        "replica_proven",
        "1 unless the state came from a leader and no checkpoint has proven it",
        replica.isProven());
    raft(page, sources.raft().get());
    disk(page, StateDisk.of(sources.raftFolder()));
    grid(page, sources.grid().get());
    page.put(
        "certificate_left_seconds",
        "How long the node's certificate is still good; infinite without TLS",
        sources
            .certificateEnds()
            .map(end -> (end.toEpochMilli() - sources.clock().millis()) / 1_000.0)
            .orElse(Double.POSITIVE_INFINITY));
    page.put("chain_up", "1 when the chain answers", sources.chainUp().getAsBoolean());
    page.put(
        "chain_final_block",
        "Newest block this node's endpoint shows as final",
        sources.finalBlock().getAsLong());
    page.put("archive_bytes", "Bytes of the log archive on disk", sources.archive().bytes());
    page.put(
        "archive_first_index",
        "Log index from which on the archive holds every entry",
        sources.archive().firstIndex());
    return replica.read(state -> market(page, state));
  }

  private List<MetricFamilySamples> market(GaugePage page, MarketState state) {
    page.put(
        "chain_block_age_seconds",
        "Age of the last chain block in the log",
        age(state.chain().blockMillis()));
    MarketGauges.put(page, state, ages.look(state));
    return page.families();
  }

  private static void raft(GaugePage page, ReplicaStatus raft) {
    page.put("log_applied_index", "Last log index applied", raft.appliedIndex());
    page.put("raft_is_leader", "1 on the leader", raft.leadership().leading());
    page.put("raft_term", "Term, which grows with each election", raft.leadership().term());
    page.put("raft_lag_entries", "Committed entries not yet applied here", raft.lagEntries());
    page.put(
        "raft_snapshot_index",
        "Last index the newest snapshot on disk holds",
        raft.snapshotIndex());
  }

  private void disk(GaugePage page, StateDisk disk) {
    page.put("raft_log_bytes", "Bytes of Raft's log on disk", disk.logBytes());
    page.put("raft_snapshot_age_seconds", "Age of the newest snapshot", age(disk.snapshotMillis()));
    page.put("disk_free_bytes", "What may still be written to the state's disk", disk.freeBytes());
  }

  private static void grid(GaugePage page, GridStatus grid) {
    page.put("grid_active", "1 when the grid can be read and written", grid.active());
    page.put("grid_bytes", "Memory the grid uses on this node", grid.localBytes());
    page.put("grid_chunks", "Chunks and manifests on this node", grid.localPieces());
    page.put("grid_nodes", "Grid nodes this one is connected to", (long) grid.nodesUp());
    page.put("grid_nodes_expected", "Grid nodes in the configuration", (long) grid.nodesExpected());
    page.put(
        "grid_lost_partitions",
        "Partitions all of whose copies are gone or away",
        (long) grid.lostPartitions());
  }

  /** Seconds since then on the node's clock; 0 for a time that never was. */
  private double age(long millis) {
    return millis == 0 ? 0 : Math.max(0, sources.clock().millis() - millis) / 1_000.0;
  }
}
