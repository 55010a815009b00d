package io.shardex.cli.command;

import io.shardex.cli.JobHistory;
import io.shardex.market.Event;
import io.shardex.market.JobId;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code shardex job logs}. */
@Command(
    name = "logs",
    description = "Tells what happened to a job, a line for each event, oldest first.",
    footer = {
      "  shardex job logs 1f3a",
      "  shardex job logs 1f3a | grep lied",
      "  shardex job logs 1f3a -o json     an object a line: index, event, text",
    })
final class JobLogs extends NetworkCommand {
  @Parameters(paramLabel = "ID", description = "The job's id, or a unique beginning of it.")
  private String job;

  // picocli fills the id in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobLogs(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    JobId id = session.job(job);
    JobHistory history = JobHistory.read(session.market(), id, JobHistory.QUIET);
    if (history.entries().isEmpty() && session.account(id).isEmpty()) {
      throw Session.unknownJob(id);
    }
    if (!history.whole()) {
      screen.note("the nodes do not remember the first events any more");
    }
    JobStory story = new JobStory(session.network().classes().getFirst().workPerHour());
    for (JobHistory.Entry entry : history.entries()) {
      Optional<String> words = story.told(entry.event());
      if (words.isPresent()) {
        screen.line("%7d  %s".formatted(entry.at().index(), words.get()));
        screen.object(
            Screen.object()
                .put("index", entry.at().index())
                .put("event", name(entry.event()))
                .put("text", words.get()));
      }
    }
  }

  private static String name(Event event) {
    return event.getClass().getSimpleName();
  }
}
