package io.shardex.cli.command;

import static java.lang.String.format;
import static java.util.Locale.ROOT;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.EscrowAccount;
import io.shardex.cli.JobFollower;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.PlannedJob;
import io.shardex.cli.SubmissionStep;
import io.shardex.market.Address;
import io.shardex.market.Digest;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.RuntimeKind;
import io.shardex.pricing.Amount;
import io.shardex.pricing.WorkUnits;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code shardex job submit}. */
@Command(
    name = "submit",
    description = {
      "Pays for a job, uploads its files and submits it.",
      "",
      "May be interrupted anywhere: the same file again goes on where it stopped and pays once."
    },
    footer = {
      "  shardex job submit my-job.yaml --dry-run    the plan and what it can cost; no money moves",
      "  shardex job submit my-job.yaml              the job's id is printed at once",
      "  shardex job submit my-job.yaml --watch      and follow it until it is settled",
    })
final class JobSubmit extends NetworkCommand {
  @Parameters(paramLabel = "FILE", description = "The job file; its data paths are relative to it.")
  private Path file;

  @Option(names = "--dry-run", description = "Show the plan and both bounds of its cost only.")
  private boolean dryRun;

  @Option(names = "--watch", description = "Follow the job until it is settled.")
  private boolean watch;

  // picocli fills the file in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobSubmit(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    JobInput input = JobInput.read(file);
    Network network = session.network();
    if (dryRun) {
      plan(session, new Onlooker(session.self().orElse(Address.ZERO)), input, screen);
      return;
    }
    session.key();
    PlannedJob job = plan(session, session.holder(), input, screen);
    screen.line("job " + job.id());
    JobSubmission submission = submission(session, network, session.holder());
    var unused = submission.submit(job, step -> told(step, screen));
    screen.object(Screen.object().put("event", "submitted").put("job", job.id().toString()));
    if (watch) {
      WorkUnits hour = session.workPerHour(job.terms().resources());
      JobWatching watching = new JobWatching(screen, hour);
      try (JobFollower follower = new JobFollower(session.market(), job, watching)) {
        watching.follow(follower);
      }
    }
  }

  private static JobSubmission submission(Session session, Network network, EscrowAccount account)
      throws Exception {
    return new JobSubmission(
        network,
        account,
        session.market(),
        session.around().folder().resolve("submissions"),
        session.around().clock(),
        Thread::sleep);
  }

  private PlannedJob plan(Session session, EscrowAccount account, JobInput input, Screen screen)
      throws Exception {
    PlannedJob job = submission(session, session.network(), account).plan(input);
    JobTerms terms = job.terms();
    WorkUnits hour = session.workPerHour(terms.resources());
    screen.line(
        format(
            ROOT,
            "%s: %d rounds of %d shards, %s a shard, class %s, %,d MiB",
            terms.name(),
            terms.rounds(),
            terms.shards(),
            format(
                ROOT,
                terms.execution().isTimed() ? "at most %,d s" : "%,d steps",
                terms.shardSteps()),
            terms.resources(),
            terms.memoryMiB()));
    if (!terms.execution().isProvable()) {
      screen.line("  proof     " + Figures.UNPROVEN);
    }
    if (terms.execution().runtime() == RuntimeKind.TORCH) {
      screen.line("  pay       " + Figures.declared(terms, hour));
      screen.line("  accuracy  is not told: judge the fetched model with PyTorch");
    }
    screen.line("  limit     " + Figures.hourly(terms.limit(), hour) + " a slot-hour");
    screen.line("  budget    " + job.budget() + " goes into escrow");
    screen.line("  cost      at most " + cost(job));
    if (job.budget().isLessThan(job.fullBudget())) {
      screen.line("            it ends as EXHAUSTED if the budget is spent before");
    }
    screen.line("  deadline  " + Figures.time(terms.deadlineMillis()));
    screen.line("  refund    from " + job.refundAt() + " on, whatever is left then");
    ObjectNode planned =
        Screen.object()
            .put("event", "planned")
            .put("name", terms.name())
            .put("rounds", terms.rounds())
            .put("shards", terms.shards())
            .put("resources", terms.resources().name())
            .put("memoryMiB", terms.memoryMiB())
            .put("proven", terms.execution().isProvable())
            .put("runtime", terms.execution().runtime().name())
            .put("shardWork", Long.toString(terms.shardWork().count()))
            .put("limit", Figures.units(terms.limit()))
            .put("workPerHour", Long.toString(hour.count()))
            .put("budget", Figures.units(job.budget()))
            .put("costWithoutAudits", Figures.units(job.leastBudget()))
            .put("costWithAllAudits", Figures.units(job.fullBudget()))
            .put("deadline", Figures.time(terms.deadlineMillis()))
            .put("refundAt", job.refundAt().toString());
    if (dryRun) {
      screen.line("nothing was paid or sent");
    } else {
      planned.put("job", job.id().toString());
    }
    screen.object(planned);
    return job;
  }

  private static String cost(PlannedJob job) {
    return switch (job.terms().execution().runtime()) {
      case REFERENCE ->
          "%s if nothing is audited, %s if everything is"
              .formatted(job.leastBudget(), job.fullBudget());
      case TORCH -> job.fullBudget() + ", when every shard is paid at the limit";
      case SANDBOX, SANDBOX_ONLINE ->
          job.fullBudget() + ", when every instance runs as long as it may";
    };
  }

  private static void told(SubmissionStep step, Screen screen) {
    switch (step) {
      case SubmissionStep.LookingForDeposit looking ->
          screen.line("looking for the deposit of an interrupted submission");
      case SubmissionStep.Paying paying -> {
        screen.line("paying " + paying.budget() + " into escrow");
        screen.object(
            Screen.object().put("event", "paying").put("amount", Figures.units(paying.budget())));
      }
      case SubmissionStep.Paid paid -> {
        screen.line("paid by transaction " + paid.transaction());
        screen.object(Screen.object().put("event", "paid").put("transaction", paid.transaction()));
      }
      case SubmissionStep.Confirming confirming ->
          screen.live("waiting for the deposit to become final");
      case SubmissionStep.Uploading uploading -> {
        if (uploading.doneBytes() == uploading.totalBytes()) {
          screen.line(
              format(ROOT, "uploaded %s, %,d bytes", uploading.what(), uploading.totalBytes()));
        } else {
          screen.live(
              format(
                  ROOT,
                  "uploading %s, %,d of %,d bytes",
                  uploading.what(),
                  uploading.doneBytes(),
                  uploading.totalBytes()));
        }
      }
      case SubmissionStep.Submitted submitted -> screen.line("submitted");
    }
  }

  /** Somebody who plans and pays nothing: a plan does not depend on who pays. */
  record Onlooker(Address address) implements EscrowAccount {
    @Override
    public Amount balance() {
      return Amount.ZERO;
    }

    @Override
    public long latestBlock() {
      return 0;
    }

    @Override
    public String deposit(long nonce, Digest specDigest, long refundAt, Amount amount) {
      throw new IllegalStateException("a dry run pays nothing");
    }
  }
}
