package io.shardex.market.state;

import io.shardex.market.Digest;
import io.shardex.market.Ending;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A submitted job.
 *
 * @param submitted its place in the order of submission
 * @param round the open round, 0 before the first
 * @param models blob ids of the initial model and of each closed round's
 * @param losses raw bits of each closed round's mean training loss
 * @param ending why and how it ends or ended
 * @param endedAtMillis market time of the end, 0 before
 * @param settled whether the chain has confirmed its last total
 */
public record Job(
    JobId id,
    Deposit deposit,
    JobTerms terms,
    Stamp submitted,
    JobPhase phase,
    int round,
    List<Digest> models,
    List<Long> losses,
    Optional<JobEnd> ending,
    long endedAtMillis,
    boolean settled) {
  public Job {
    models = List.copyOf(models);
    losses = List.copyOf(losses);
  }

  /** The phase a job ends in, and why. */
  public record JobEnd(JobPhase phase, Ending why) {}

  public static Job submitted(JobId id, Deposit deposit, JobTerms terms, Stamp at) {
    return new Job(
        id,
        deposit,
        terms,
        at,
        JobPhase.SUBMITTED,
        0,
        List.of(),
        List.of(),
        Optional.empty(),
        0,
        false);
  }

  /** Whether new shards may be leased. */
  public boolean leases() {
    return phase.leases() && ending.isEmpty();
  }

  /** The model the open round starts from. */
  public Digest baseModel() {
    return models.get(models.size() - 1);
  }

  Job in(JobPhase next) {
    if (!phase.next().contains(next)) {
      throw new IllegalStateException(
          "job " + id.brief() + " cannot go from " + phase + " to " + next);
    }
    return with(next, round, models, losses, ending);
  }

  Job withRound(int opened) {
    return with(phase, opened, models, losses, ending);
  }

  Job withModel(Digest model) {
    return with(phase, round, appended(models, model), losses, ending);
  }

  Job withLoss(long bits) {
    return with(phase, round, models, appended(losses, bits), ending);
  }

  Job withEnding(JobEnd end) {
    return with(phase, round, models, losses, Optional.of(end));
  }

  Job endedAt(long millis) {
    return closed(millis, settled);
  }

  Job asSettled() {
    return closed(endedAtMillis, true);
  }

  private Job with(
      JobPhase next,
      int newRound,
      List<Digest> newModels,
      List<Long> newLosses,
      Optional<JobEnd> end) {
    return new Job(
        id,
        deposit,
        terms,
        submitted,
        next,
        newRound,
        newModels,
        newLosses,
        end,
        endedAtMillis,
        settled);
  }

  private Job closed(long atMillis, boolean paidOut) {
    return new Job(
        id, deposit, terms, submitted, phase, round, models, losses, ending, atMillis, paidOut);
  }

  private static <T> List<T> appended(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
