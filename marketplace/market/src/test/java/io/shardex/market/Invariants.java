package io.shardex.market;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.IndexCheck;
import io.shardex.market.state.Job;
import io.shardex.market.state.Ledger;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.Result;
import io.shardex.market.state.ResultPhase;
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
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What holds after every command. */
final class Invariants {
  /** Phases in which a lease's hold is still held. */
  private static final Set<TaskPhase> OUT =
      EnumSet.of(TaskPhase.LEASED, TaskPhase.COMMITTED, TaskPhase.DISPUTED);

  private static final Set<TaskPhase> COMMITTED =
      EnumSet.of(TaskPhase.COMMITTED, TaskPhase.DISPUTED, TaskPhase.VERIFIED);

  private Invariants() {}

  static void check(MarketState state) {
    checkWithoutIndexes(state);
    IndexCheck.areThoseOfASnapshot(state);
  }

  static void checkWithoutIndexes(MarketState state) {
    moneyIsConserved(state.ledger());
    totalsAreSums(state.ledger());
    holdsAreThoseOfShardsThatAreOut(state);
    everyLeaseHasOneWorkerAndOneTask(state);
    countsAreCounts(state);
    openQuestionsConcernLiveJobs(state);
    atMostOneBatchWaits(state);
    everyAuditHasOneTask(state);
    everyDutyIsAnAuditThatWaitsForItsAuditor(state);
    everyResultInDoubtIsAskedFor(state);
    noRefutedResultIsPaid(state);
    nothingIsDrawnOfWhatCannotBeProven(state);
    everyOpenedChallengeIsAskedAbout(state);
  }

  /** An opening is judged, and nothing else is: else it would wait for ever. */
  private static void everyOpenedChallengeIsAskedAbout(MarketState state) {
    Set<Fact> opened =
        state.challenges().entrySet().stream()
            .filter(entry -> entry.getValue().opening().isPresent())
            .map(entry -> new Fact.Hardware(entry.getKey(), entry.getValue().challenge().seed()))
            .collect(Collectors.toSet());
    Set<Fact> asked =
        state.facts().keySet().stream()
            .filter(Fact.Hardware.class::isInstance)
            .collect(Collectors.toSet());
    assertEquals(opened, asked);
    assertTrue(
        state.challenges().isEmpty() || state.challenges().size() <= state.rules().proofs().live());
    state
        .challenges()
        .values()
        .forEach(
            live ->
                live.answer()
                    .filter(said -> live.draw().isEmpty())
                    .ifPresent(said -> assertTrue(state.draws().containsKey(said.slot()))));
  }

  private static void moneyIsConserved(Ledger ledger) {
    assertEquals(
        ledger.total(Kind.DEPOSITS),
        sum(ledger, Kind.FREE, Kind.HELD, Kind.PAID, Kind.FEES, Kind.REFUNDED));
    assertEquals(
        ledger.total(Kind.STAKE_IN),
        sum(ledger, Kind.BONDED, Kind.UNBONDING, Kind.WITHDRAWN, Kind.BURNED, Kind.COMPENSATED));
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
    for (Result result : state.results().values()) {
      holds.merge(result.id().job(), result.audit().hold(), Amount::plus);
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
      assertEquals(COMMITTED.contains(task.phase()), task.commitment().isPresent(), task::toString);
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
        long counted = state.shardsOf(job.id()).stream().filter(t -> t.phase() == phase).count();
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
        case Fact.Dispute dispute ->
            assertEquals(ResultPhase.DISPUTED, state.result(dispute.audit()).orElseThrow().phase());
        case Fact.Checkpoint checkpoint -> assertTrue(checkpoint.index() <= state.index());
        case Fact.Hardware hardware -> assertTrue(state.challenge(hardware.worker()).isPresent());
        case Fact.BatchOf batch ->
            assertEquals(
                Optional.of(BatchPhase.SEALED),
                Optional.ofNullable(state.batches().get(batch.batch())).map(SealedBatch::phase));
        case Fact.ChainRange range -> assertEquals(state.chain().block() + 1, range.from());
      }
    }
  }

  private static void everyAuditHasOneTask(MarketState state) {
    Set<TaskId> audited = new TreeSet<>();
    for (Result result : state.results().values()) {
      Optional<Task> task = state.task(result.id());
      switch (result.phase()) {
        case DRAWN ->
            assertTrue(
                task.filter(t -> t.phase() == TaskPhase.OPEN || t.phase() == TaskPhase.LEASED)
                    .isPresent(),
                result::toString);
        case SEALED ->
            assertTrue(
                task.filter(t -> t.phase() == TaskPhase.COMMITTED).isPresent(), result::toString);
        case DISPUTED -> {}
        case WAITING, SPARED, PROVED, REFUTED, UNPROVEN ->
            assertTrue(task.isEmpty(), result::toString);
      }
      if (task.isPresent()) {
        audited.add(result.id());
        assertNotEquals(
            result.claim().owner(), result.audit().auditor().orElseThrow().owner(), "own auditor");
      }
      assertTrue(
          result.phase().isOpen() || result.audit().hold().isZero(), "held for nothing: " + result);
    }
    assertEquals(
        state.tasks().keySet().stream()
            .filter(TaskId::isAudit)
            .collect(Collectors.toCollection(TreeSet::new)),
        audited);
  }

  private static void everyDutyIsAnAuditThatWaitsForItsAuditor(MarketState state) {
    Map<TaskId, Address> duties = new TreeMap<>();
    for (Worker worker : state.workers().values()) {
      for (TaskId duty : worker.duties()) {
        assertEquals(null, duties.put(duty, worker.key()), "two auditors");
      }
      assertTrue(worker.duties().size() <= state.rules().audits().duties(), worker::toString);
    }
    Map<TaskId, Address> waiting = new TreeMap<>();
    for (Task task : state.tasks().values()) {
      if (task.id().isAudit() && task.phase() == TaskPhase.OPEN) {
        Result result = state.result(task.id()).orElseThrow();
        waiting.put(task.id(), result.audit().auditor().orElseThrow().worker());
      }
    }
    assertEquals(waiting, duties);
  }

  /** A result never waits for nothing: a draw, an audit, seals to open, or the validators. */
  private static void everyResultInDoubtIsAskedFor(MarketState state) {
    for (Result result : state.results().values()) {
      if (result.phase() == ResultPhase.WAITING) {
        assertTrue(state.draws().containsKey(result.audit().slot()), result::toString);
      }
      if (result.phase() == ResultPhase.DISPUTED) {
        assertTrue(state.facts().containsKey(new Fact.Dispute(result.id())), result::toString);
      }
    }
  }

  private static void noRefutedResultIsPaid(MarketState state) {
    for (Result result : state.results().values()) {
      assertTrue(
          result.phase() != ResultPhase.REFUTED || result.paid().isEmpty(), result::toString);
    }
  }

  private static void nothingIsDrawnOfWhatCannotBeProven(MarketState state) {
    for (Result result : state.results().values()) {
      JobTerms terms = state.job(result.id().job()).orElseThrow().terms();
      boolean unproven = result.phase() == ResultPhase.UNPROVEN;
      if (terms.execution().isProvable()) {
        assertFalse(unproven, result::toString);
      } else {
        assertTrue(unproven || result.phase() == ResultPhase.WAITING, result::toString);
        assertEquals(0, result.audit().draws(), result::toString);
      }
      assertFalse(
          terms.limit().ceilCost(terms.shardWork()).isLessThan(result.claim().gross()),
          result::toString);
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
