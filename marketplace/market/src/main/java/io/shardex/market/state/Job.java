package io.shardex.market.state;

import io.shardex.market.Address;
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
 * @param doubt what audits have found or still must
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
    boolean settled,
    Doubt doubt) {
  public Job {
    models = List.copyOf(models);
    losses = List.copyOf(losses);
  }

  /** The phase a job ends in, and why. */
  public record JobEnd(JobPhase phase, Ending why) {}

  /**
   * @param lastDraw how far the job's last draw is
   * @param rollBackTo the round to train again when the open one closes, 0 for none
   * @param tainted every round a lie was found in, in the order of finding
   * @param liars owners whose lies the rounds to come are trained again for
   */
  public record Doubt(
      LastDraw lastDraw, int rollBackTo, List<Integer> tainted, List<Address> liars) {
    static final Doubt NONE = new Doubt(LastDraw.NOT_YET, 0, List.of(), List.of());

    public Doubt {
      tainted = List.copyOf(tainted);
      liars = List.copyOf(liars);
    }

    Doubt in(LastDraw next) {
      return new Doubt(next, rollBackTo, tainted, liars);
    }

    /** A lie was found in this closed round. */
    Doubt taintedBy(Address liar, int round, boolean rollsBack) {
      int earliest = rollBackTo == 0 ? round : Math.min(rollBackTo, round);
      return new Doubt(
          lastDraw,
          rollsBack ? earliest : 0,
          appended(tainted, round),
          liars.contains(liar) ? liars : appended(liars, liar));
    }

    Doubt rolledBack() {
      return new Doubt(LastDraw.NOT_YET, 0, tainted, List.of());
    }
  }

  /** How far the draw of one more result of each owner is, which comes before a job may end. */
  public enum LastDraw {
    NOT_YET,
    AWAITED,
    MADE
  }

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
        false,
        Doubt.NONE);
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

  /** From the model that {@code round} started from, which opens again. */
  Job rolledBackTo(int again) {
    return new Job(
        id,
        deposit,
        terms,
        submitted,
        phase,
        round,
        models.subList(0, again),
        losses.subList(0, again - 1),
        ending,
        endedAtMillis,
        settled,
        doubt.rolledBack());
  }

  Job with(Doubt now) {
    return new Job(
        id,
        deposit,
        terms,
        submitted,
        phase,
        round,
        models,
        losses,
        ending,
        endedAtMillis,
        settled,
        now);
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
        settled,
        doubt);
  }

  private Job closed(long atMillis, boolean paidOut) {
    return new Job(
        id, deposit, terms, submitted, phase, round, models, losses, ending, atMillis, paidOut,
        doubt);
  }

  private static <T> List<T> appended(List<T> list, T last) {
    List<T> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }
}
