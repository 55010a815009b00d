package io.shardex.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.InputRefused;
import io.shardex.cli.JobInput;
import io.shardex.cli.JobSubmission;
import io.shardex.cli.PlannedJob;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.market.state.Job;
import io.shardex.market.state.Task;
import io.shardex.market.state.TaskPhase;
import io.shardex.pricing.Amount;
import io.shardex.protocol.client.JobAccount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex job why-not}. */
@Command(
    name = "why-not",
    description = "Says which constraint keeps a job from being trained, and what would change it.",
    footer = {
      "  shardex job why-not 1f3a            a job that waits",
      "  shardex job why-not my-job.yaml     before it is submitted; no money moves",
    })
final class JobWhyNot extends NetworkCommand {
  @Parameters(paramLabel = "FILE|ID", description = "A job file, or a job's id.")
  private String what;

  // picocli fills the parameter in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobWhyNot(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    if (Files.exists(Path.of(what))) {
      PlannedJob job = planned(session);
      answer(session, job.terms(), job.budget(), 0, screen);
    } else if (what.matches("(0x)?[0-9a-fA-F]+")) {
      ofJob(session, session.job(what), screen);
    } else {
      throw new InputRefused(
          "there is no job file " + what + ", and it is no job id",
          "Check the path; 'shardex job list' shows the ids");
    }
  }

  private PlannedJob planned(Session session) throws Exception {
    return new JobSubmission(
            session.network(),
            new JobSubmit.Onlooker(session.self().orElse(io.shardex.market.Address.ZERO)),
            session.market(),
            session.around().folder().resolve("submissions"),
            session.around().clock(),
            Thread::sleep)
        .plan(JobInput.read(Path.of(what)));
  }

  private static void ofJob(Session session, JobId id, Screen screen) throws Exception {
    JobAccount account = session.account(id).orElseThrow(() -> Session.unknownJob(id));
    Optional<String> outright = outright(account);
    if (outright.isPresent()) {
      screen.line(outright.get());
      screen.object(
          Screen.object()
              .put("job", id.toString())
              .put("blocked", false)
              .put("verdict", outright.get()));
      return;
    }
    int savedSteps =
        account.tasks().stream()
            .filter(task -> task.phase() == TaskPhase.OPEN)
            .mapToInt(Task::savedSteps)
            .max()
            .orElse(0);
    answer(session, account.job().terms(), account.free(), savedSteps, screen);
  }

  /** An answer that needs no look at the workers. */
  private static Optional<String> outright(JobAccount account) {
    Job job = account.job();
    if (job.ending().isPresent()) {
      return job.ending()
          .map(end -> "it has ended or is ending: " + Figures.ending(end.why()))
          .map(said -> said + ". Next: " + job.ending().orElseThrow().why().cause().nextStep());
    }
    long open = account.tasks().stream().filter(task -> task.phase() == TaskPhase.OPEN).count();
    if (!account.tasks().isEmpty() && open == 0) {
      return Optional.of(
          "nothing holds it up: every shard of round " + job.round() + " is leased or done");
    }
    if (account.tasks().isEmpty()) {
      return Optional.of("no round is open: the validators check its terms or its last round");
    }
    return Optional.empty();
  }

  private static void answer(
      Session session, JobTerms terms, Amount free, int savedSteps, Screen screen)
      throws Exception {
    MarketBoard board = session.board();
    List<WhyNot.Finding> findings =
        WhyNot.of(
            terms,
            session.network(),
            Optional.ofNullable(board.prices().get(terms.resources())),
            board.workers(),
            board.proofs(),
            free,
            savedSteps);
    ObjectNode object = Screen.object();
    var list = object.putArray("constraints");
    for (WhyNot.Finding finding : findings) {
      screen.line(
          "%-3s %-9s %s"
              .formatted(finding.holds() ? "ok" : "NO", finding.constraint(), finding.what()));
      ObjectNode one =
          list.addObject()
              .put("constraint", finding.constraint())
              .put("holds", finding.holds())
              .put("what", finding.what());
      finding.change().ifPresent(change -> one.put("change", change));
    }
    Optional<WhyNot.Finding> first =
        findings.stream().filter(finding -> !finding.holds()).findFirst();
    String verdict =
        first
            .map(
                no ->
                    no.constraint()
                        + " holds it up; the nearest change: "
                        + no.change().orElseThrow())
            .orElse("nothing holds it up: a shard of it can be leased now");
    screen.line(verdict);
    screen.object(object.put("blocked", first.isPresent()).put("verdict", verdict));
  }
}
