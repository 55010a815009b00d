package io.shardex.cli.command;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.JobFollower;
import io.shardex.cli.JobView;
import io.shardex.cli.NotCompleted;
import io.shardex.cli.RoundView;
import io.shardex.cli.RoundView.Score;
import io.shardex.cli.Stalled;
import io.shardex.market.Ending;
import io.shardex.market.state.JobPhase;
import io.shardex.pricing.WorkUnits;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Shows a job live: a line for each phase and round, and one that is written over. An object a line
 * for programs: {@code job} whenever a shard or the phase moves on, {@code round}, and {@code
 * settled} as the last.
 */
final class JobWatching implements Consumer<JobView> {
  /** Longer than any job: a job has a deadline of its own. */
  private static final Duration FOREVER = Duration.ofDays(3_660);

  private static final int BAR = 20;

  private final Screen screen;
  private final WorkUnits workPerHour;
  private Optional<JobPhase> phase = Optional.empty();
  private int rounds;
  private String moved = "";

  JobWatching(Screen screen, WorkUnits workPerHour) {
    this.screen = screen;
    this.workPerHour = workPerHour;
  }

  /**
   * Follows until the chain has confirmed every payment.
   *
   * @throws NotCompleted when the job came to another end than its last round
   */
  void follow(JobFollower follower) throws InterruptedException, Stalled, NotCompleted {
    JobView view = follower.follow(job -> job.settled() && job.scored(), FOREVER);
    accept(view);
    screen.object(JobFigures.event("settled", view));
    screen.line(
        "settled; %s paid to workers, %s to the network, %s back"
            .formatted(
                view.paid(), view.fees(), view.refund().map(Object::toString).orElse("nothing")));
    if (view.phase().filter(JobPhase.COMPLETED::equals).isEmpty()) {
      Ending why = view.ending().orElseThrow();
      throw new NotCompleted(
          "the job is %s: %s".formatted(view.phase().orElseThrow(), Figures.ending(why)),
          Figures.sentence(why.cause().nextStep()));
    }
  }

  @Override
  public void accept(JobView job) {
    tellRounds(job);
    if (!job.ended() || job.scored()) {
      tellPhase(job); // the last round comes before the end
    }
    tellMove(job);
    screen.live(job.ended() ? "waiting for the chain to confirm the payments" : open(job));
  }

  private void tellPhase(JobView job) {
    if (!job.phase().equals(phase)) {
      phase = job.phase();
      phase.ifPresent(
          now ->
              screen.line(
                  now
                      + job.ending()
                          .filter(why -> now.ended())
                          .map(why -> ": " + Figures.ending(why))
                          .orElse("")));
    }
  }

  private void tellRounds(JobView job) {
    rounds = Math.min(rounds, job.closed().size()); // a roll back takes rounds away
    while (rounds < job.closed().size()
        && !(job.closed().get(rounds).score() instanceof Score.Pending)) {
      RoundView round = job.closed().get(rounds);
      ObjectNode object = Screen.object().put("event", "round").put("job", job.id().toString());
      screen.object(object.setAll(JobFigures.round(round)));
      screen.line(
          format(
              ROOT,
              "round %2d/%d  %s  %s%s",
              round.round(),
              job.rounds(),
              Figures.loss(round.loss()),
              JobFigures.score(round),
              round.price().map(price -> "  " + hourly(price)).orElse("")));
      rounds++;
    }
  }

  private void tellMove(JobView job) {
    String now = job.phase() + " " + job.round() + " " + job.shardsDone();
    if (job.phase().isPresent() && !now.equals(moved)) {
      moved = now;
      screen.object(JobFigures.event("job", job));
    }
  }

  private String open(JobView job) {
    if (job.round() == 0) {
      return "the validators check the job's terms";
    }
    int full = (int) Math.round(job.roundDone() * BAR);
    return format(
        ROOT,
        "round %2d/%d  %d/%d shards  [%s]  spent %s%s",
        job.round(),
        job.rounds(),
        job.shardsDone(),
        job.shards().size(),
        "#".repeat(full) + ".".repeat(BAR - full),
        job.spent(),
        job.price().map(price -> "  " + hourly(price)).orElse(""));
  }

  private String hourly(io.shardex.pricing.UnitPrice price) {
    return Figures.hourly(price, workPerHour) + "/h";
  }
}
