package io.shardex.cli;

import io.shardex.cli.RoundView.Score;
import io.shardex.market.Ending;
import io.shardex.market.JobId;
import io.shardex.market.state.JobPhase;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A job at one moment, as its builder sees it.
 *
 * @param phase empty before the market has the job
 * @param round the open round, from 1; 0 before the first
 * @param rounds rounds there will be
 * @param shards of the open round
 * @param closed rounds, oldest first
 * @param price of the last lease, or the one that paused the job
 * @param paid earned by workers so far
 * @param fees of the network so far
 * @param verified shards of the rounds so far that are part of their models
 * @param rejected results that could not be used, or were refuted
 * @param ending why it ends or ended
 * @param refund what goes back to the builder, once the job has ended
 * @param settled whether the chain has confirmed all of that
 */
public record JobView(
    JobId id,
    Optional<JobPhase> phase,
    int round,
    int rounds,
    List<ShardView> shards,
    List<RoundView> closed,
    Optional<UnitPrice> price,
    Amount paid,
    Amount fees,
    int verified,
    int rejected,
    Optional<Ending> ending,
    Optional<Amount> refund,
    boolean settled) {
  public JobView {
    shards = List.copyOf(shards);
    closed = List.copyOf(closed);
  }

  /** Whether the job has come to its end, whatever it was. */
  public boolean ended() {
    return phase.filter(JobPhase::ended).isPresent();
  }

  /** Whether no closed round waits for its score. */
  public boolean scored() {
    return closed.stream().noneMatch(round -> round.score() instanceof Score.Pending);
  }

  /** Paid and fees. */
  public Amount spent() {
    return paid.plus(fees);
  }

  /** Shards of the open round whose result is verified. */
  public int shardsDone() {
    return (int) shards.stream().filter(shard -> shard.phase() == TaskPhase.VERIFIED).count();
  }

  /** Share of the open round that is done, 0 to 1. */
  public double roundDone() {
    return shards.stream().mapToDouble(ShardView::done).average().orElse(0);
  }

  /** Accuracy of the newest model that has one. */
  public OptionalDouble accuracy() {
    OptionalDouble newest = OptionalDouble.empty();
    for (RoundView round : closed) {
      if (round.score() instanceof Score.Tested tested) {
        newest = OptionalDouble.of(tested.accuracy());
      }
    }
    return newest;
  }
}
