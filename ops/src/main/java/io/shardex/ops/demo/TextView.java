package io.shardex.ops.demo;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import io.shardex.cli.JobView;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.RoundView;
import io.shardex.cli.RoundView.Score;
import io.shardex.cli.ShardView;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Address;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo for people: a line for each thing done, and a bar for the open round. */
final class TextView implements DemoView {
  private static final int BAR = 20;

  /** More would not leave much of a small terminal. */
  private static final int SHARDS_SHOWN = 6;

  private final LiveLine lines;
  private WorkUnits slotHour = new WorkUnits(0);
  private Map<Address, String> workerNames = Map.of();
  private int printedRounds;
  private final AuditText audits = new AuditText();
  private boolean printedEnd;

  /** More would hide the shards. */
  private static final int AUDITS_SHOWN = 3;

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
  public void planned(PlannedJob job, WorkUnits workPerHour, Map<Address, String> workers) {
    prices(workPerHour, workers);
    lines.print(
        format(
            ROOT,
            "job %s: %d rounds of %d shards, %d WU each",
            job.terms().name(),
            job.terms().rounds(),
            job.terms().shards(),
            job.terms().shardWork().count()));
    lines.print("  id " + job.id());
    lines.print(
        "  budget "
            + job.budget()
            + "; costs up to "
            + job.leastBudget()
            + " without audits, "
            + job.fullBudget()
            + " with all");
  }

  /** In what prices are told, and who is named how. */
  void prices(WorkUnits workPerHour, Map<Address, String> workers) {
    slotHour = workPerHour;
    workerNames = Map.copyOf(workers);
  }

  @Override
  public void submission(SubmissionStep step) {
    switch (step) {
      case SubmissionStep.LookingForDeposit looking ->
          lines.print("  looking for the deposit of an interrupted submission");
      case SubmissionStep.Paying paying ->
          lines.print("  paying " + paying.budget() + " into escrow");
      case SubmissionStep.Paid paid -> lines.print("  paid by transaction " + paid.transaction());
      case SubmissionStep.Confirming confirming ->
          lines.show("  waiting for the deposit to become final");
      case SubmissionStep.Uploading uploading -> uploading(uploading);
      case SubmissionStep.Submitted submitted -> lines.print("  submitted to the market");
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
  public synchronized void job(JobView job) {
    printedRounds = Math.min(printedRounds, job.closed().size());
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
    if (job.ended()) {
      lines.show("  waiting for the chain to confirm the payments");
    } else {
      lines.show(open(job));
    }
  }

  private String closed(JobView job, RoundView round) {
    return format(
        ROOT,
        "round %2d/%d  %d/%d shards  loss %.4f  %s%s",
        round.round(),
        job.rounds(),
        round.shards(),
        job.shards().size(),
        round.loss(),
        score(round),
        price(round.price()));
  }

  /** Of a slot for an hour, in tokens. */
  private String price(Optional<UnitPrice> price) {
    return price.map(known -> "  price " + brief(known.perHour(slotHour)) + "/h").orElse("");
  }

  /** Rounded half up to four decimals, of which at least two are shown. */
  static String brief(Amount amount) {
    return BigDecimal.valueOf(amount.units(), 6)
        .setScale(4, RoundingMode.HALF_UP)
        .toPlainString()
        .replaceFirst("0{1,2}$", "");
  }

  private static String score(RoundView round) {
    return switch (round.score()) {
      case Score.Pending pending -> "testing";
      case Score.Tested tested -> format(ROOT, "test accuracy %.2f %%", 100 * tested.accuracy());
      case Score.Unknown unknown -> "no test accuracy: " + unknown.why();
    };
  }

  private List<String> open(JobView job) {
    if (job.round() == 0) {
      return List.of("  the validators check the job's terms");
    }
    List<String> open = new ArrayList<>();
    open.add(
        format(
            ROOT,
            "round %2d/%d  %d/%d shards  %s  spent %s%s",
            job.round(),
            job.rounds(),
            job.shardsDone(),
            job.shards().size(),
            bar(job.roundDone()),
            job.spent(),
            price(job.price())));
    job.shards().stream()
        .filter(shard -> shard.phase() != TaskPhase.OPEN && shard.phase() != TaskPhase.VERIFIED)
        .limit(SHARDS_SHOWN)
        .map(this::atWork)
        .forEach(open::add);
    audits.open().stream().limit(AUDITS_SHOWN).map(line -> "  audit " + line).forEach(open::add);
    return open;
  }

  /** A shard that is trained or waits for its result to be verified. */
  private String atWork(ShardView shard) {
    String state =
        shard.phase() == TaskPhase.COMMITTED || shard.phase() == TaskPhase.DISPUTED
            ? shard.phase().name().toLowerCase(ROOT)
            : format(ROOT, "%3.0f %%", 100 * shard.done());
    String worker = shard.worker().map(by -> workerNames.getOrDefault(by, by.brief())).orElse("");
    return format(
        ROOT, "  shard %2d    %s  %s  %s", shard.shard() + 1, bar(shard.done()), state, worker);
  }

  static String bar(double share) {
    int full = (int) Math.round(share * BAR);
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  @Override
  public synchronized void audit(AuditStep step) {
    audits.take(step).ifPresent(lines::print);
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

  @Override
  public void end() {
    // All has been printed.
  }
}
