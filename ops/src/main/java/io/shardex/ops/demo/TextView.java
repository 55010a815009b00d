package io.shardex.ops.demo;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.cli.JobView;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.RoundView;
import io.shardex.cli.RoundView.Score;
import io.shardex.cli.SubmissionStep;
import io.shardex.pricing.WorkUnits;

/** The demo for people: a line for each thing done, and a bar for the open round. */
final class TextView implements DemoView {
  private static final int BAR = 20;

  private final LiveLine lines;
  private WorkUnits slotHour = new WorkUnits(0);
  private int printedRounds;
  private boolean printedEnd;

  TextView(LiveLine lines) {
    this.lines = lines;
  }

  @Override
  public void note(String what) {
    lines.print("  " + what);
  }

  @Override
  public void ready(double seconds) {
    lines.print(format(ROOT, "network ready after %.1f s", seconds));
  }

  @Override
  public void planned(PlannedJob job, WorkUnits workPerHour) {
    slotHour = workPerHour;
    lines.print(
        format(
            ROOT,
            "job %s: %d rounds of %d shards, %d WU each",
            job.terms().name(),
            job.terms().rounds(),
            job.terms().shards(),
            job.terms().shardWork().count()));
    lines.print(
        "  budget "
            + job.budget()
            + "; costs up to "
            + job.leastBudget()
            + " without audits, "
            + job.fullBudget()
            + " with all");
  }

  @Override
  public void submission(SubmissionStep step) {
    switch (step) {
      case SubmissionStep.LookingForDeposit looking ->
          lines.print("  looking for the deposit of an interrupted submission");
      case SubmissionStep.Paying paying ->
          lines.print("  paying " + paying.budget() + " into escrow for job " + paying.job());
      case SubmissionStep.Paid paid -> lines.print("  paid by transaction " + paid.transaction());
      case SubmissionStep.Confirming confirming ->
          lines.show("  waiting for the deposit to become final");
      case SubmissionStep.Uploading uploading -> uploading(uploading);
      case SubmissionStep.Submitted submitted -> lines.print("  submitted job " + submitted.job());
    }
  }

  private void uploading(SubmissionStep.Uploading upload) {
    double share = upload.totalBytes() == 0 ? 1 : (double) upload.doneBytes() / upload.totalBytes();
    if (upload.doneBytes() == upload.totalBytes()) {
      lines.print(format(ROOT, "  uploaded %s, %,d bytes", upload.what(), upload.totalBytes()));
    } else {
      lines.show(
          format(ROOT, "  uploading %-7s %s %3.0f %%", upload.what(), bar(share), 100 * share));
    }
  }

  @Override
  public void job(JobView job) {
    while (printedRounds < job.closed().size()
        && !(job.closed().get(printedRounds).score() instanceof Score.Pending)) {
      lines.print(closed(job, job.closed().get(printedRounds)));
      printedRounds++;
    }
    if (job.ended() && !printedEnd && job.scored()) {
      printedEnd = true;
      lines.print(
          "  " + job.phase().orElseThrow() + "; the chain pays, " + job.spent() + " in all");
    }
    lines.show(job.ended() ? "  waiting for the chain to confirm the payments" : open(job));
  }

  private static String closed(JobView job, RoundView round) {
    return format(
        ROOT,
        "round %2d/%d  loss %.4f  %s",
        round.round(),
        job.rounds(),
        round.loss(),
        score(round));
  }

  private static String score(RoundView round) {
    return switch (round.score()) {
      case Score.Pending pending -> "testing";
      case Score.Accuracy accuracy -> format(ROOT, "test accuracy %.2f %%", 100 * accuracy.share());
      case Score.Unknown unknown -> "no test accuracy: " + unknown.why();
    };
  }

  private String open(JobView job) {
    if (job.round() == 0) {
      return "  the validators check the job's terms";
    }
    return format(
        ROOT,
        "round %2d/%d  %s %d/%d shards  spent %s%s",
        job.round(),
        job.rounds(),
        bar(job.roundDone()),
        job.shardsDone(),
        job.shards().size(),
        job.spent(),
        job.price().map(price -> "  " + price.perHour(slotHour) + "/h").orElse(""));
  }

  static String bar(double share) {
    int full = (int) Math.round(share * BAR);
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  @Override
  public void done(DemoResult result) {
    DemoSummary.lines(result).forEach(lines::print);
  }

  @Override
  public void plain(int roundsDone, int rounds) {
    double share = (double) roundsDone / rounds;
    lines.show(format(ROOT, "  plain training %s round %d/%d", bar(share), roundsDone, rounds));
  }

  @Override
  public void compared(DemoResult result, PlainRun plain) {
    lines.print(DemoSummary.overhead(result, plain));
  }
}
