package io.shardex.cli.command;

import io.shardex.cli.Unprepared;
import io.shardex.market.Address;
import io.shardex.market.state.Job;
import io.shardex.protocol.client.JobAccount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code shardex job list}. */
@Command(
    name = "list",
    description = "Lists your jobs, oldest first.",
    footer = {
      "  shardex job list              yours",
      "  shardex job list --all        everybody's",
      "  shardex job list -o json      one object with all of them",
    })
final class JobList extends NetworkCommand {
  @Option(names = "--all", description = "Everybody's jobs; needs no key.")
  private boolean all;

  JobList(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    Optional<Address> builder = all ? Optional.empty() : Optional.of(own(session));
    List<Job> jobs = jobs(session.board(), builder);
    var object = Screen.object();
    var list = object.putArray("jobs");
    jobs.forEach(job -> list.add(JobFigures.line(job)));
    screen.object(object);
    if (jobs.isEmpty()) {
      screen.line(all ? "no jobs" : "no jobs of " + builder.orElseThrow());
      return;
    }
    screen.table(
        List.of("JOB", "NAME", "PHASE", "ROUNDS", "LOSS", "BUILDER", "ENDING"),
        jobs.stream().map(JobList::row).toList());
  }

  private static Address own(Session session) throws Exception {
    try {
      return session.wallet().address();
    } catch (Unprepared e) {
      throw new Unprepared(
          String.valueOf(e.getMessage()), e.fix() + "; --all shows everybody's jobs without a key");
    }
  }

  private static List<Job> jobs(MarketBoard board, Optional<Address> builder) {
    List<Job> jobs = new ArrayList<>(board.jobs(builder));
    Set<Object> known = new HashSet<>(jobs.stream().map(Job::id).toList());
    board.endedJobs(builder).stream()
        .map(JobAccount::job)
        .filter(job -> known.add(job.id()))
        .forEach(jobs::add);
    jobs.sort(Comparator.comparing(Job::submitted));
    return jobs;
  }

  private static List<String> row(Job job) {
    return List.of(
        Figures.brief(job.id()),
        job.terms().name(),
        job.phase()
            + (job.settled()
                ? ", settled"
                : job.ending().isPresent() && !job.phase().ended() ? ", ending" : ""),
        job.losses().size() + "/" + job.terms().rounds(),
        job.losses().isEmpty()
            ? "-"
            : String.format(Locale.ROOT, "%.4f", Double.longBitsToDouble(job.losses().getLast())),
        job.deposit().builder().brief(),
        job.ending().map(end -> end.why().cause().name()).orElse("-"));
  }
}
