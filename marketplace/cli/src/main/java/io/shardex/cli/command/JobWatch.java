package io.shardex.cli.command;

import io.shardex.cli.JobFollower;
import io.shardex.cli.JobHistory;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import io.shardex.market.JobTerms;
import io.shardex.protocol.client.JobAccount;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex job watch}. */
@Command(
    name = "watch",
    description = {
      "Follows a job live until the chain has confirmed every payment.",
      "",
      "If a node dies it goes on at the next one. Ctrl-C ends the watch, never the job."
    },
    footer = {
      "  shardex job watch 1f3a",
      "  shardex job watch 1f3a -o json    an object a line: job, round, and settled as the last",
    })
final class JobWatch extends NetworkCommand {
  @Parameters(paramLabel = "ID", description = "The job's id, or a unique beginning of it.")
  private String job;

  // picocli fills the id in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobWatch(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    JobId id = session.job(job);
    JobTerms terms = terms(session, id);
    JobWatching watching = new JobWatching(screen, session.workPerHour(terms.resources()));
    try (JobFollower follower = JobFollower.untested(session.market(), id, terms, watching)) {
      watching.follow(follower);
    }
  }

  private static JobTerms terms(Session session, JobId id) throws Exception {
    Optional<JobTerms> alive = session.account(id).map(JobAccount::job).map(found -> found.terms());
    if (alive.isPresent()) {
      return alive.get();
    }
    return JobHistory.read(session.market(), id, JobHistory.QUIET)
        .submission()
        .map(Event.JobSubmitted::terms)
        .orElseThrow(() -> Session.unknownJob(id));
  }
}
