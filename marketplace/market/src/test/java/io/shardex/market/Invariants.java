package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.Job;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.SealedBatch;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.market.state.Worker;
import io.shardex.pricing.Amount;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What holds after every command. */
final class Invariants {
  private static final Set<TaskPhase> OUT = EnumSet.of(TaskPhase.LEASED, TaskPhase.COMMITTED);

  private Invariants() {}

  static void check(MarketState state) {
    moneyIsConserved(state.ledger());
    totalsAreSums(state.ledger());
    holdsAreThoseOfShardsThatAreOut(state);
    everyLeaseHasOneWorkerAndOneTask(state);
    countsAreCounts(state);
    openQuestionsConcernLiveJobs(state);
    atMostOneBatchWaits(state);
  }

  private static void moneyIsConserved(Ledger ledger) {
    assertEquals(
        ledger.total(Kind.DEPOSITS),
        sum(ledger, Kind.FREE, Kind.HELD, Kind.PAID, Kind.FEES, Kind.REFUNDED));
    assertEquals(
        ledger.total(Kind.STAKE_IN), sum(ledger, Kind.BONDED, Kind.UNBONDING, Kind.WITHDRAWN));
  }

  private static Amount sum(Ledger ledger, Kind... kinds) {
    Amount sum = Amount.ZERO;
    for (Kind kind : kinds) {
      sum = sum.plus(ledger.total(kind));
    }
    return sum;
  }

  private static void totalsAreSums(Ledger ledger) {
    Map<Kind, Amount> sums = new EnumMap<>(Kind.class);
    ledger
        .balances()
        .forEach((account, amount) -> sums.merge(account.kind(), amount, Amount::plus));
    for (Kind kind : Kind.values()) {
      assertEquals(sums.getOrDefault(kind, Amount.ZERO), ledger.total(kind), kind::name);
    }
  }

  private static void holdsAreThoseOfShardsThatAreOut(MarketState state) {
    Map<JobId, Amount> holds = new TreeMap<>();
    for (Task task : state.tasks().values()) {
      if (OUT.contains(task.phase())) {
        holds.merge(task.id().job(), task.lease().orElseThrow().hold(), Amount::plus);
      }
    }
    Map<JobId, Amount> held = new TreeMap<>();
    state
        .ledger()
        .balances()
        .forEach(
            (account, amount) -> {
              if (account.kind() == Kind.HELD) {
                held.put(account.job(), amount);
              }
            });
    holds.values().removeIf(Amount::isZero);
    assertEquals(holds, held);
  }

  private static void everyLeaseHasOneWorkerAndOneTask(MarketState state) {
    Map<TaskId, Address> byTask = new TreeMap<>();
    for (Task task : state.tasks().values()) {
      if (task.phase() == TaskPhase.LEASED) {
        byTask.put(task.id(), task.lease().orElseThrow().worker());
      }
      assertEquals(
          task.phase() == TaskPhase.COMMITTED || task.phase() == TaskPhase.VERIFIED,
          task.commitment().isPresent());
    }
    Map<TaskId, Address> byWorker = new TreeMap<>();
    for (Worker worker : state.workers().values()) {
      worker
          .lease()
          .ifPresent(task -> assertEquals(null, byWorker.put(task, worker.key()), "two workers"));
    }
    assertEquals(byTask, byWorker);
  }

  private static void countsAreCounts(MarketState state) {
    for (Job job : state.jobs().values()) {
      for (TaskPhase phase : TaskPhase.values()) {
        long counted =
            state.tasksOf(job.id()).values().stream().filter(t -> t.phase() == phase).count();
        assertEquals(counted, state.count(job.id(), phase), phase::name);
      }
      assertTrue(!job.phase().ended() || state.tasksOf(job.id()).isEmpty(), "an end leaves tasks");
    }
    state
        .workers()
        .values()
        .forEach(
            worker ->
                assertEquals(
                    state.workers().values().stream()
                        .filter(other -> other.owner().equals(worker.owner()))
                        .count(),
                    state.workersOf(worker.owner())));
  }

  private static void openQuestionsConcernLiveJobs(MarketState state) {
    for (Fact fact : state.facts().keySet()) {
      switch (fact) {
        case Fact.TermsOf terms -> requireAlive(state, terms.job());
        case Fact.RoundModel model -> {
          requireAlive(state, model.job());
          assertEquals(state.job(model.job()).orElseThrow().round(), model.round());
        }
        case Fact.ResultUnusable unusable -> {
          Task task = state.task(unusable.task()).orElseThrow();
          assertEquals(TaskPhase.COMMITTED, task.phase());
          assertEquals(task.fence(), unusable.fence());
        }
        case Fact.BatchOf batch ->
            assertEquals(
                Optional.of(BatchPhase.SEALED),
                Optional.ofNullable(state.batches().get(batch.batch())).map(SealedBatch::phase));
        case Fact.ChainRange range -> assertEquals(state.chain().block() + 1, range.from());
      }
    }
  }

  private static void requireAlive(MarketState state, JobId job) {
    assertTrue(state.job(job).filter(found -> !found.phase().ended()).isPresent(), job::toString);
  }

  private static void atMostOneBatchWaits(MarketState state) {
    assertTrue(
        state.batches().values().stream()
                .filter(batch -> batch.phase() == BatchPhase.SEALED)
                .count()
            <= 1);
  }

  /** What all payees and the network got of a job. */
  static Amount spent(MarketState state, JobId job) {
    return state.ledger().paidBy(job).values().stream()
        .reduce(state.ledger().balance(Account.of(Kind.FEES, job)), Amount::plus);
  }
}
