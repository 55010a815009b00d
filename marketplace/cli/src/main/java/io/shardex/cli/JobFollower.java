package io.shardex.cli;

import io.shardex.cli.RoundView.Score;
import io.shardex.market.Digest;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.Stamp;
import io.shardex.protocol.client.Watch;
import io.shardex.protocol.job.LocalCommand;
import io.shardex.protocol.job.LocalData;
import io.shardex.protocol.job.LocalModule;
import io.shardex.training.data.MalformedIdx;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Follows one job: its events as they are committed, what its agents say, and a score for each
 * closed round's model. Views are told on the thread that follows. The first call of {@link
 * #follow} begins the watch, later ones go on with it.
 */
public final class JobFollower implements AutoCloseable {
  private static final long PROGRESS_MILLIS = 500;

  private final Marketplace market;
  private final JobCourse course;
  private final JobId job;
  private final Consumer<JobView> listener;
  private final ModelTest test;
  private final BlockingQueue<Runnable> news = new LinkedBlockingQueue<>();
  private final Set<Digest> testing = new HashSet<>();
  private Optional<Marketplace.Following> watch = Optional.empty();

  /**
   * @param listener hears of every change
   */
  public JobFollower(Marketplace market, PlannedJob job, Consumer<JobView> listener)
      throws IOException, MalformedIdx {
    this(
        market,
        job.id(),
        job.terms(),
        listener,
        switch (job.material()) {
          case LocalData data ->
              ModelTest.of(new ModelFetch(market, job.training().model()), data.test());
          case LocalModule module ->
              ModelTest.none("only libtorch can tell how good a torchscript model is");
          case LocalCommand command -> ModelTest.none("a command has no model");
        });
  }

  private JobFollower(
      Marketplace market, JobId job, JobTerms terms, Consumer<JobView> listener, ModelTest test) {
    this.market = market;
    this.job = job;
    this.listener = listener;
    this.course = new JobCourse(job, terms.rounds(), terms.shards());
    this.test = test;
  }

  /** Follows a job whose test data is not at hand: its models have no score. */
  public static JobFollower untested(
      Marketplace market, JobId job, JobTerms terms, Consumer<JobView> listener) {
    return new JobFollower(
        market, job, terms, listener, ModelTest.none("the job's test data is with its builder"));
  }

  /**
   * Waits until the view is as wanted.
   *
   * @throws Stalled when that takes longer than {@code limit}
   */
  public JobView follow(Predicate<JobView> wanted, Duration limit)
      throws InterruptedException, Stalled {
    if (watch.isEmpty()) {
      watch = Optional.of(market.watch(job, new Reader()));
    }
    long end = System.nanoTime() + limit.toNanos();
    JobView view = course.view();
    while (!wanted.test(view)) {
      if (System.nanoTime() > end) {
        throw new Stalled(
            "job %s did not come further than %s, round %d of %d, in %d s"
                .formatted(
                    job.brief(),
                    view.phase().map(Object::toString).orElse("unknown"),
                    view.round(),
                    view.rounds(),
                    limit.toSeconds()),
            "Look for what holds it up in the log and in /metrics; its money is safe in escrow");
      }
      view = next();
    }
    return view;
  }

  /** Takes in the next news, or asks the agents when there are none for a while. */
  private JobView next() throws InterruptedException {
    Runnable first = news.poll(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
    boolean changed = first != null;
    if (first != null) {
      first.run();
    } else if (course.view().phase().isPresent() && !course.view().ended()) {
      changed = course.progressed(market.progress(job));
    }
    startTests();
    JobView view = course.view();
    if (changed) {
      listener.accept(view);
    }
    return view;
  }

  private void startTests() {
    for (RoundView round : course.view().closed()) {
      if (round.score() instanceof Score.Pending && testing.add(round.model())) {
        test.start(round, score -> news.add(() -> course.scored(round.model(), score)));
      }
    }
  }

  /** Processor time that scoring models took so far. */
  public double evaluationCpuSeconds() {
    return test.cpuSeconds();
  }

  @Override
  public void close() {
    watch.ifPresent(Marketplace.Following::close);
    test.close();
  }

  private final class Reader implements Watch.Reader {
    @Override
    public void committed(Stamp at, List<Event> events) {
      news.add(() -> course.heard(at.index(), events));
    }

    @Override
    public void resync(long index) {
      news.add(() -> market.job(job).ifPresent(course::resync));
    }
  }
}
