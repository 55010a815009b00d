package io.shardex.scheduler.metrics;

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
import io.shardex.scheduler.metrics.QueueAges.Queue;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the market holds, read from a node's own replica. */
final class MarketGauges {
  private MarketGauges() {}

  static void put(GaugePage page, MarketState state, Map<Queue, Long> ages) {
    work(page, state);
    evidence(page, state);
    money(page, state);
    page.putEach(
        "queue_age_seconds",
        "How long the first in each queue has waited",
        "queue",
        ages.entrySet(),
        age -> lowerCase(age.getKey()),
        age -> age.getValue() / 1_000.0);
  }

  private static void work(GaugePage page, MarketState state) {
    page.putEach(
        "jobs",
        "Jobs by phase",
        "phase",
        List.of(JobPhase.values()),
        phase -> state.jobs().values().stream().filter(j -> j.phase() == phase).count());
    page.putEach(
        "tasks",
        "Shards of open rounds by phase",
        "phase",
        List.of(TaskPhase.values()),
        phase -> tasks(state, phase));
    page.putEach(
        "workers",
        "Registered workers by what they do",
        "state",
        List.of(WorkerState.values()),
        MarketGauges::lowerCase,
        does -> state.workers().values().stream().filter(w -> WorkerState.of(w) == does).count());
    page.put("leases_active", "Live leases", tasks(state, TaskPhase.LEASED));
    page.put(
        "asks_open",
        "Standing asks without a lease",
        state.workers().values().stream().filter(Worker::waits).count());
    page.putEach(
        "unit_price",
        "Price in base units per 10^12 work units",
        "class",
        state.prices().entrySet(),
        entry -> entry.getKey().name(),
        entry -> entry.getValue().price().perTeraWork());
  }

  private static void evidence(GaugePage page, MarketState state) {
    page.putEach(
        "results",
        "Committed results that have not vested, by what is known of them",
        "phase",
        List.of(ResultPhase.values()),
        phase -> state.results().values().stream().filter(r -> r.phase() == phase).count());
    page.put(
        "validators",
        "Validators of the network",
        state.isBorn() ? state.network().validators().size() : 0L);
    page.put(
        "beacon_members",
        "Validators whose places the beacon is made of",
        state.seats().values().stream().filter(Seat::member).count());
    page.put(
        "disputes_open",
        "Shards that the validators execute",
        state.facts().keySet().stream().filter(Fact.Dispute.class::isInstance).count());
  }

  private static void money(GaugePage page, MarketState state) {
    page.put("chain_block", "Last chain block in the log", state.chain().block());
    page.putEach(
        "ledger_base_units",
        "Ledger totals by account",
        "account",
        List.of(Kind.values()),
        MarketGauges::account,
        kind -> state.ledger().total(kind).units());
    page.putEach(
        "batches",
        "Payment batches by phase",
        "phase",
        List.of(BatchPhase.values()),
        phase -> state.batches().values().stream().filter(b -> b.phase() == phase).count());
    page.put(
        "outbox_unconfirmed_age_seconds",
        "Age of the oldest ended job whose pay is not confirmed on chain",
        oldestUnsettledMillis(state) / 1_000.0);
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
      case DEPOSITS, FREE, HELD, PAID, FEES, REFUNDED, STAKE_IN -> lowerCase(kind);
    };
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
