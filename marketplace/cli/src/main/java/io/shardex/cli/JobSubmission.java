package io.shardex.cli;

import static java.util.stream.Collectors.joining;

import io.shardex.market.Command;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.pricing.Amount;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.LocalData;
import io.shardex.protocol.job.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Brings a job file to the market: check, pay, upload, submit. Whatever can be known to be wrong is
 * said before money moves. May be interrupted anywhere; the same file again goes on where it
 * stopped and pays no second time.
 */
public final class JobSubmission {
  /**
   * Between the earliest refund date the market takes and the one of our deposits: so long the
   * chain may be away before the workers' pay is in danger.
   */
  private static final Duration REFUND_RESERVE = Duration.ofHours(1);

  /** How long the market may take to see a deposit that is in a block. */
  private static final Duration CONFIRMATION = Duration.ofMinutes(5);

  /** A deposit that is in none of so many new blocks was not sent. */
  private static final int LOST_AFTER_BLOCKS = 3;

  private static final long POLL_MILLIS = 100;

  private final Network network;
  private final EscrowAccount escrow;
  private final Marketplace market;
  private final SubmissionJournal journal;
  private final InstantSource clock;
  private final Pause pause;

  /**
   * @param folder where unfinished submissions are remembered
   */
  public JobSubmission(
      Network network,
      EscrowAccount escrow,
      Marketplace market,
      Path folder,
      InstantSource clock,
      Pause pause) {
    this.network = network;
    this.escrow = escrow;
    this.market = market;
    this.journal = new SubmissionJournal(folder, network, escrow.address());
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Reads a job file and its data and checks both against the network. Nothing is paid or sent.
   *
   * @throws InputRefused naming everything that is wrong
   */
  public PlannedJob plan(Path path) throws IOException, InputRefused {
    if (!Files.isRegularFile(path)) {
      throw new InputRefused("there is no job file " + path, "Check the path");
    }
    try {
      JobFile file = JobFile.read(path);
      Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
      LocalData data = LocalData.read(file.spec(), folder);
      Optional<Submission> earlier = journal.find(file.digest());
      Instant submitted = earlier.map(Submission::submitted).orElseGet(clock::instant);
      JobPlan plan = JobPlan.of(file.spec(), data.description(), network, submitted);
      requireTime(path, file.digest(), plan, earlier);
      requireBudget(path, plan);
      Submission submission = earlier.orElseGet(() -> begin(submitted, plan));
      JobId id = submission.id(network, escrow.address(), file.digest());
      return new PlannedJob(id, file, data, plan, submission);
    } catch (JobRefused e) {
      throw new InputRefused(
          path + " cannot become a job:\n    " + lines(e),
          "Mend the job file or the data it names; nothing was paid");
    }
  }

  private static String lines(JobRefused refused) {
    return refused.problems().stream().map(Problem::toString).collect(joining("\n    "));
  }

  private void requireTime(Path path, Digest spec, JobPlan plan, Optional<Submission> earlier)
      throws InputRefused {
    Instant deadline = Instant.ofEpochMilli(plan.terms().deadlineMillis());
    if (deadline.isAfter(clock.instant())) {
      return;
    }
    if (earlier.isPresent()) {
      throw new InputRefused(
          "the deadline %s of the unfinished submission of %s is past".formatted(deadline, path),
          "Delete %s to submit anew; a deposit that was made comes back after %s"
              .formatted(journal.file(spec), Instant.ofEpochSecond(earlier.get().refundAt())));
    }
    throw new InputRefused(
        "%s: spec.deadline: expected a time to come, but %s is past".formatted(path, deadline),
        "Set a later deadline; nothing was paid");
  }

  private static void requireBudget(Path path, JobPlan plan) throws InputRefused {
    if (!plan.missingBudget().isZero()) {
      throw new InputRefused(
          "%s: spec.price.budget: the job costs up to %s at its price limit, but the budget is %s: %s is missing"
              .formatted(path, plan.terms().leastBudget(), plan.budget(), plan.missingBudget()),
          "Raise the budget, or lower maxPerHour, rounds or shards; nothing was paid");
    }
  }

  private Submission begin(Instant submitted, JobPlan plan) {
    long settled = plan.terms().deadlineMillis() + network.rules().pace().settleMargin();
    long refundAt = TimeUnit.MILLISECONDS.toSeconds(settled + REFUND_RESERVE.toMillis()) + 1;
    return new Submission(submitted, submitted.toEpochMilli(), refundAt, false);
  }

  /**
   * Pays for the job, uploads its data and submits it; or goes on where an earlier call stopped.
   *
   * @return the job's id, when the market has it
   * @throws InputRefused when the account cannot pay; nothing was paid
   * @throws Stalled when the chain or the market takes too long; call again
   */
  public JobId submit(PlannedJob job, Consumer<SubmissionStep> listener)
      throws IOException, InterruptedException, InputRefused, Stalled {
    if (market.job(job.id()).isEmpty()) {
      fund(job, listener);
      upload(job, listener);
      market.submit(new Command.SubmitJob(job.id(), job.terms()));
    }
    journal.forget(job.spec());
    listener.accept(new SubmissionStep.Submitted(job.id()));
    return job.id();
  }

  private void fund(PlannedJob job, Consumer<SubmissionStep> listener)
      throws IOException, InterruptedException, InputRefused, Stalled {
    if (job.resumed() && findDeposit(job, listener)) {
      return;
    }
    pay(job, listener);
    awaitDeposit(job, listener);
  }

  /** Whether the deposit that may have been sent before is there after some further blocks. */
  private boolean findDeposit(PlannedJob job, Consumer<SubmissionStep> listener)
      throws InterruptedException, Stalled {
    listener.accept(new SubmissionStep.LookingForDeposit(job.id()));
    long seenBy = escrow.latestBlock() + LOST_AFTER_BLOCKS;
    await(
        "the market has not read the chain up to block " + seenBy,
        () -> isFunded(job) || market.chainBlock() >= seenBy);
    return isFunded(job);
  }

  private void pay(PlannedJob job, Consumer<SubmissionStep> listener)
      throws IOException, InputRefused {
    Amount balance = escrow.balance();
    if (balance.isLessThan(job.budget())) {
      throw new InputRefused(
          "the budget is %s, but account %s has %s: %s is missing"
              .formatted(job.budget(), escrow.address(), balance, job.budget().minus(balance)),
          "Send the account what is missing, or lower the budget; nothing was paid");
    }
    listener.accept(new SubmissionStep.Paying(job.id(), job.budget()));
    Submission submission = job.submission().begunPaying();
    journal.remember(job.spec(), submission);
    String transaction =
        escrow.deposit(submission.nonce(), job.spec(), submission.refundAt(), job.budget());
    listener.accept(new SubmissionStep.Paid(job.id(), transaction));
  }

  private void awaitDeposit(PlannedJob job, Consumer<SubmissionStep> listener)
      throws InterruptedException, Stalled {
    listener.accept(new SubmissionStep.Confirming(job.id()));
    await("the market does not see the deposit of job " + job.id(), () -> isFunded(job));
  }

  private boolean isFunded(PlannedJob job) {
    return market.freeDeposit(job.id()).filter(free -> !free.isLessThan(job.budget())).isPresent();
  }

  private void await(String what, BooleanSupplier done) throws InterruptedException, Stalled {
    long looks = CONFIRMATION.toMillis() / POLL_MILLIS;
    for (long look = 0; look < looks; look++) {
      if (done.getAsBoolean()) {
        return;
      }
      pause.millis(POLL_MILLIS);
    }
    throw new Stalled(
        what + " after " + CONFIRMATION.toMinutes() + " minutes",
        "See whether the chain and the nodes run, then submit the same file again; it pays once");
  }

  private void upload(PlannedJob job, Consumer<SubmissionStep> listener) {
    market.put(job.file().bytes(), (done, total) -> {});
    market.put(job.data().description().encoded(), (done, total) -> {});
    put("labels", job.data().labels().file(), listener);
    put("images", job.data().images().file(), listener);
  }

  private void put(String what, Path file, Consumer<SubmissionStep> listener) {
    market.put(
        file, (done, total) -> listener.accept(new SubmissionStep.Uploading(what, done, total)));
  }
}
