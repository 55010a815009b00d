package io.shardex.market.decide;

import io.shardex.market.Address;
import io.shardex.market.Batch;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.Fact;
import io.shardex.market.FactValue;
import io.shardex.market.JobId;
import io.shardex.market.state.Account;
import io.shardex.market.state.Account.Kind;
import io.shardex.market.state.BatchPhase;
import io.shardex.market.state.Job;
import io.shardex.market.state.MarketState;
import io.shardex.market.state.OpenFact;
import io.shardex.market.state.SealedBatch;
import io.shardex.pricing.Amount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Payments on their way to the chain. */
final class BatchDecisions {
  private BatchDecisions() {}

  /**
   * Seals every total the chain does not have yet, unless the last batch still waits for signatures
   * or says the same already.
   */
  static void seal(Step step) {
    MarketState state = step.state();
    boolean waiting =
        state.batches().values().stream().anyMatch(batch -> batch.phase() == BatchPhase.SEALED);
    List<Job> due = due(step);
    List<Batch.SlashLine> slashes = slashes(step);
    List<Batch.CompensationLine> compensations = compensations(state, slashes);
    boolean nothing = due.isEmpty() && slashes.isEmpty();
    if (waiting || nothing || inTheLastBatch(state, due, slashes, compensations)) {
      return;
    }
    Batch batch =
        new Batch(
            state.nextBatch(),
            state.index(),
            state.hash(),
            state.receipts().root(),
            state.receipts().sum(),
            due.stream().flatMap(job -> pays(state, job.id()).stream()).toList(),
            due.stream()
                .map(job -> new Batch.CloseLine(job.id(), Spent.gross(state.ledger(), job.id())))
                .toList(),
            slashes,
            compensations);
    step.emit(new Event.BatchSealed(batch));
    FactDecisions.open(step, new Fact.BatchOf(batch.id()));
  }

  /** Ended jobs whose pay has vested and is not on the chain, oldest first, as many as fit. */
  private static List<Job> due(Step step) {
    long vestedBefore = step.now() - step.rules().pace().vest();
    List<Job> ended =
        step.state().jobs().values().stream()
            .filter(job -> job.phase().ended() && !job.settled())
            .filter(job -> job.endedAtMillis() <= vestedBefore)
            .filter(job -> !step.state().hasOpenResults(job.id()))
            .sorted(Comparator.comparing(Job::submitted))
            .toList();
    List<Job> fitting = new ArrayList<>();
    int lines = 0;
    for (Job job : ended) {
      lines += 1 + pays(step.state(), job.id()).size();
      if (lines > step.rules().bounds().batchLines() && !fitting.isEmpty()) {
        break;
      }
      fitting.add(job);
    }
    return fitting;
  }

  /** What owners lost in all, of those whose loss the chain does not have yet. */
  private static List<Batch.SlashLine> slashes(Step step) {
    return step.state().unsettled().stream()
        .limit(step.rules().bounds().batchLines())
        .map(owner -> new Batch.SlashLine(owner, step.state().ledger().slashedFrom(owner)))
        .toList();
  }

  private static List<Batch.CompensationLine> compensations(
      MarketState state, List<Batch.SlashLine> slashes) {
    return slashes.stream()
        .map(Batch.SlashLine::owner)
        .flatMap(
            owner ->
                state.ledger().compensatedFrom(owner).entrySet().stream()
                    .map(
                        given ->
                            new Batch.CompensationLine(owner, given.getKey(), given.getValue())))
        .toList();
  }

  private static boolean inTheLastBatch(
      MarketState state,
      List<Job> due,
      List<Batch.SlashLine> slashes,
      List<Batch.CompensationLine> compensations) {
    Map.Entry<Long, SealedBatch> last = state.batches().lastEntry();
    if (last == null || last.getValue().phase() != BatchPhase.SIGNED) {
      return false;
    }
    Set<JobId> closed =
        last.getValue().batch().closes().stream()
            .map(Batch.CloseLine::job)
            .collect(Collectors.toSet());
    Batch sent = last.getValue().batch();
    return due.stream().allMatch(job -> closed.contains(job.id()))
        && sent.slashes().containsAll(slashes)
        && sent.compensations().containsAll(compensations);
  }

  /** What each payee of a job gets in all; the treasury may be a worker's owner too. */
  private static List<Batch.PayLine> pays(MarketState state, JobId job) {
    TreeMap<Address, Amount> totals = new TreeMap<>(state.ledger().paidBy(job));
    Amount fees = state.ledger().balance(Account.of(Kind.FEES, job));
    if (!fees.isZero()) {
      totals.merge(state.network().treasury(), fees, Amount::plus);
    }
    return totals.entrySet().stream()
        .map(entry -> new Batch.PayLine(job, entry.getKey(), entry.getValue()))
        .toList();
  }

  /** k validators attested the batch's hash: their signatures make it payable. */
  static void sign(Step step, Fact.BatchOf fact, Digest digest, List<OpenFact.Vote> votes) {
    List<Batch.Endorsement> endorsements =
        votes.stream()
            .filter(vote -> vote.value().equals(new FactValue.BatchHash(digest)))
            .map(OpenFact.Vote::endorsement)
            .flatMap(Optional::stream)
            .toList();
    step.emit(new Event.BatchSigned(fact.batch(), digest, endorsements));
  }

  /** The chain has settled a batch; every older one is part of it. */
  static void confirm(Step step, long id, Digest digest) {
    SealedBatch settled = step.state().batches().get(id);
    if (settled == null
        || settled.phase() != BatchPhase.SIGNED
        || !settled.digest().equals(digest)) {
      return;
    }
    for (SealedBatch older : List.copyOf(step.state().batches().headMap(id).values())) {
      if (older.phase() == BatchPhase.SIGNED) {
        step.emit(new Event.BatchSuperseded(older.batch().id()));
      }
    }
    step.emit(new Event.BatchConfirmed(id));
    for (Batch.CloseLine line : settled.batch().closes()) {
      if (step.state().job(line.job()).filter(job -> !job.settled()).isPresent()) {
        step.emit(new Event.JobSettled(line.job()));
      }
    }
  }
}
