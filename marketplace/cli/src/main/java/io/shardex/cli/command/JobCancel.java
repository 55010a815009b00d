package io.shardex.cli.command;

import io.shardex.market.Command.CancelJob;
import io.shardex.market.JobId;
import io.shardex.market.state.Job;
import io.shardex.protocol.client.JobAccount;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex job cancel}. */
@Command(
    name = "cancel",
    description = {
      "Ends a job of yours.",
      "",
      "Open shards close at once; what is leased or committed is finished, audited and paid. The"
          + " rest of the deposit comes back when the last one is settled."
    },
    footer = {
      "  shardex job cancel 1f3a",
      "  shardex job fetch 1f3a      the last closed round's model stays yours",
    })
final class JobCancel extends NetworkCommand {
  @Parameters(paramLabel = "ID", description = "The job's id, or a unique beginning of it.")
  private String job;

  // picocli fills the id in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobCancel(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    JobId id = session.job(job);
    screen.note("cancelling job " + id);
    session.market().submit(new CancelJob(id));
    Optional<Job> now = session.market().job(id).map(JobAccount::job);
    screen.line(
        now.filter(found -> found.phase().ended()).isPresent()
            ? "cancelled"
            : "cancelled; what workers have at hand is finished and paid first");
    screen.object(
        Screen.object()
            .put("job", id.toString())
            .put("cancelled", true)
            .put("phase", now.map(found -> found.phase().name()).orElse(null)));
  }
}
