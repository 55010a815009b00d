package io.shardex.scheduler.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.shardex.consensus.ReplicaStatus;
import io.shardex.market.Fact;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.Job;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.ResultPhase;
import io.shardex.market.state.Seat;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.scheduler.archive.LogArchive;
import io.shardex.scheduler.grid.GridStatus;
import io.shardex.scheduler.replica.MarketReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What a node holds at the moment it is asked. */
public final class NodeGauges extends Collector {
  private final String node;
  private final MarketReplica replica;
  private final Sources sources;
  private final NodeMetrics metrics;

  /** Where the figures outside the market's state come from. */
  public record Sources(
      Supplier<ReplicaStatus> raft,
      Supplier<GridStatus> grid,
      BooleanSupplier chainUp,
      BooleanSupplier ready,
      LogArchive archive) {}

  public NodeGauges(String node, MarketReplica replica, Sources sources, NodeMetrics metrics) {
    this.node = node;
    this.replica = replica;
    this.sources = sources;
    this.metrics = metrics;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    List<MetricFamilySamples> families = new ArrayList<>();
    ReplicaStatus raft = sources.raft().get();
    families.add(gauge("log_applied_index", "Last log index applied", raft.appliedIndex()));
    families.add(gauge("raft_is_leader", "1 on the leader", raft.leadership().leading() ? 1 : 0));
    families.add(
        gauge("raft_lag_entries", "Committed entries not yet applied here", raft.lagEntries()));
    families.add(
        gauge("node_ready", "1 when the node serves", sources.ready().getAsBoolean() ? 1 : 0));
    families.add(
        gauge("chain_up", "1 when the chain answers", sources.chainUp().getAsBoolean() ? 1 : 0));
    families.add(
        gauge(
            "state_hash_forked", "1 when a fellow holds another log", metrics.isForked() ? 1 : 0));
    GridStatus grid = sources.grid().get();
    families.add(gauge("grid_bytes", "Memory the grid uses on this node", grid.localBytes()));
    families.add(gauge("grid_chunks", "Chunks and manifests on this node", grid.localPieces()));
    families.add(gauge("grid_nodes", "Grid nodes this one is connected to", grid.nodesUp()));
    families.add(
        gauge("archive_bytes", "Bytes of the log archive on disk", sources.archive().bytes()));
    families.add(
        gauge(
            "archive_first_index",
            "Log index from which on the archive holds every entry",
            sources.archive().firstIndex()));
    families.addAll(replica.read(this::market));
    return families;
  }

  private List<MetricFamilySamples> market(MarketState state) {
    List<MetricFamilySamples> families = new ArrayList<>();
    families.add(gauge("chain_block", "Last chain block in the log", state.chain().block()));
    GaugeMetricFamily jobs = family("jobs", "Jobs by phase", "phase");
    for (JobPhase phase : JobPhase.values()) {
      add(
          jobs,
          phase.name(),
          state.jobs().values().stream().filter(j -> j.phase() == phase).count());
    }
    families.add(jobs);
    GaugeMetricFamily tasks = family("tasks", "Shards of open rounds by phase", "phase");
    for (TaskPhase phase : TaskPhase.values()) {
      add(tasks, phase.name(), tasks(state, phase));
    }
    families.add(tasks);
    GaugeMetricFamily results =
        family(
            "results", "Committed results that have not vested, by what is known of them", "phase");
    for (ResultPhase phase : ResultPhase.values()) {
      add(
          results,
          phase.name(),
          state.results().values().stream().filter(r -> r.phase() == phase).count());
    }
    families.add(results);
    families.add(
        gauge(
            "beacon_members",
            "Validators whose places the beacon is made of",
            state.seats().values().stream().filter(Seat::member).count()));
    families.add(
        gauge(
            "disputes_open",
            "Shards that the validators execute",
            state.facts().keySet().stream().filter(Fact.Dispute.class::isInstance).count()));
    families.add(
        gauge(
            "replica_proven",
            "1 unless the state came from a leader and no checkpoint has proven it",
            replica.isProven() ? 1 : 0));
    families.add(gauge("leases_active", "Live leases", tasks(state, TaskPhase.LEASED)));
    families.add(
        gauge(
            "asks_open",
            "Standing asks without a lease",
            state.workers().values().stream().filter(Worker::waits).count()));
    GaugeMetricFamily prices =
        family("unit_price", "Price in base units per 10^12 work units", "class");
    state.prices().forEach((name, price) -> add(prices, name.name(), price.price().perTeraWork()));
    families.add(prices);
    GaugeMetricFamily money = family("ledger_base_units", "Ledger totals by account", "account");
    for (Kind kind : Kind.values()) {
      add(money, account(kind), state.ledger().total(kind).units());
    }
    families.add(money);
    GaugeMetricFamily batches = family("batches", "Payment batches by phase", "phase");
    for (BatchPhase phase : BatchPhase.values()) {
      add(
          batches,
          phase.name(),
          state.batches().values().stream().filter(b -> b.phase() == phase).count());
    }
    families.add(batches);
    families.add(
        gauge(
            "outbox_unconfirmed_age_seconds",
            "Age of the oldest ended job whose pay is not confirmed on chain",
            oldestUnsettledMillis(state) / 1_000.0));
    return families;
  }

  private static long tasks(MarketState state, TaskPhase phase) {
    return state.jobs().keySet().stream().mapToLong(job -> state.count(job, phase)).sum();
  }

  private static long oldestUnsettledMillis(MarketState state) {
    return state.jobs().values().stream()
        .filter(job -> job.phase().ended() && !job.settled())
        .mapToLong(Job::endedAtMillis)
        .map(ended -> state.clock().millis() - ended)
        .max()
        .orElse(0);
  }

  private static String account(Kind kind) {
    return switch (kind) {
      case BONDED -> "stake_bonded";
      case UNBONDING -> "stake_unbonding";
      case WITHDRAWN -> "stake_withdrawn";
      case BURNED -> "stake_burned";
      case COMPENSATED -> "stake_compensated";
      case DEPOSITS, FREE, HELD, PAID, FEES, REFUNDED, STAKE_IN ->
          kind.name().toLowerCase(Locale.ROOT);
    };
  }

  private GaugeMetricFamily gauge(String name, String help, double value) {
    return new GaugeMetricFamily("shardex_" + name, help, List.of("node"))
        .addMetric(List.of(node), value);
  }

  private GaugeMetricFamily gauge(String name, String help, long value) {
    return gauge(name, help, (double) value);
  }

  private static GaugeMetricFamily family(String name, String help, String label) {
    return new GaugeMetricFamily("shardex_" + name, help, List.of("node", label));
  }

  private void add(GaugeMetricFamily family, String label, long value) {
    family.addMetric(List.of(node, label), (double) value);
  }
}
