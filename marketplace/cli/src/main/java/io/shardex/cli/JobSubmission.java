package io.shardex.cli;

import io.shardex.market.Command;
import io.shardex.market.JobId;
import io.shardex.market.Network;
import io.shardex.pricing.Amount;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.Plan;
import java.io.IOException;
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
    return plan(JobInput.read(path));
  }

  /**
   * Checks a job that is read already against the network. Nothing is paid or sent.
   *
   * @throws InputRefused naming everything that is wrong
   */
  public PlannedJob plan(JobInput input) throws IOException, InputRefused {
    JobFile file = input.file();
    Optional<Submission> earlier = journal.find(file.digest());
    Instant submitted = earlier.map(Submission::submitted).orElseGet(clock::instant);
    Plan plan = input.plan(network, submitted);
    if (earlier.isPresent()) {
      requireTime(input, plan, earlier.get());
    } else {
      input.requireTime(plan, clock.instant());
    }
    input.requireBudget(plan);
    Submission submission = earlier.orElseGet(() -> begin(submitted, plan));
    JobId id = submission.id(network, escrow.address(), file.digest());
    return new PlannedJob(id, file, input.material(), plan, submission);
  }

  private void requireTime(JobInput input, Plan plan, Submission earlier) throws InputRefused {
    Instant deadline = Instant.ofEpochMilli(plan.terms().deadlineMillis());
    if (!deadline.isAfter(clock.instant())) {
      throw new InputRefused(
          "the deadline %s of the unfinished submission of %s is past"
              .formatted(deadline, input.path()),
          "Delete %s to submit anew; a deposit that was made comes back after %s"
              .formatted(
                  journal.file(input.file().digest()), Instant.ofEpochSecond(earlier.refundAt())));
    }
  }

  private Submission begin(Instant submitted, Plan plan) {
    long settled = plan.terms().deadlineMillis() + network.rules().pace().settleMargin();
    long refundAt = TimeUnit.MILLISECONDS.toSeconds(settled + REFUND_RESERVE.toMillis()) + 1;
    return new Submission(submitted, submitted.toEpochMilli(), refundAt, false);
  }

  /**
   * Pays for the job, uploads its files and submits it; or goes on where an earlier call stopped.
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
    market.put(job.material().described(), (done, total) -> {});
    job.material().parts().forEach(part -> put(part.what(), part.file(), listener));
  }

  private void put(String what, Path file, Consumer<SubmissionStep> listener) {
    market.put(
        file, (done, total) -> listener.accept(new SubmissionStep.Uploading(what, done, total)));
  }
}
