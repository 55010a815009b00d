package io.shardex.cli.command;

import static java.util.Locale.ROOT;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardex.cli.Declined;
import io.shardex.cli.InputRefused;
import io.shardex.cli.Marketplace;
import io.shardex.cli.ModelFetch;
import io.shardex.cli.OutputFetch;
import io.shardex.market.Digest;
import io.shardex.market.JobId;
import io.shardex.market.state.Job;
import io.shardex.protocol.client.JobAccount;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.protocol.job.TrainingInputs;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code shardex job fetch}. */
@Command(
    name = "fetch",
    description = {
      "Fetches a model of your job as a safetensors file.",
      "",
      "Of a command job it fetches the tar of each instance's output into a folder."
    },
    footer = {
      "  shardex job fetch 1f3a                        the newest closed round's",
      "  shardex job fetch 1f3a --round 3 --out m.safetensors",
      "  shardex job fetch 2b40 --out results          rank-0.tar, rank-1.tar, ... of a command job",
    })
final class JobFetch extends NetworkCommand {
  @Parameters(paramLabel = "ID", description = "The job's id, or a unique beginning of it.")
  private String job;

  @Option(names = "--round", paramLabel = "N", description = "A closed round (the newest).")
  private @Nullable Integer round;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to (NAME-rN.safetensors; folder NAME).")
  private @Nullable Path out;

  // picocli fills the id in before anything runs.
  @SuppressWarnings("NullAway.Init")
  JobFetch(Surroundings around) {
    super(around);
  }

  @Override
  void run(Session session, Screen screen) throws Exception {
    session.key();
    JobId id = session.job(job);
    Job found = session.account(id).map(JobAccount::job).orElseThrow(() -> Session.unknownJob(id));
    if (found.terms().execution().runtime().runsCommands()) {
      outputs(session, found, screen);
      return;
    }
    int wanted = round(found);
    Path file =
        Optional.ofNullable(out)
            .orElseGet(() -> Path.of("%s-r%d.safetensors".formatted(found.terms().name(), wanted)));
    requireWritable(file);
    Digest blob = found.models().get(wanted);
    // A round that ended without all its shards has the model it started from.
    int made = found.models().indexOf(blob);
    ModelFetch.save(
        new ModelFetch(session.market(), model(session, found)).round(made, blob), file);
    long bytes = Files.size(file);
    if (made < wanted) {
      screen.line("round %d ended early: its model is that of round %d".formatted(wanted, made));
    }
    screen.line(
        String.format(ROOT, "the model of round %d is in %s, %,d bytes", made, file, bytes)
            + (found.terms().execution().isProvable() ? "" : "; nobody has proven it"));
    screen.object(
        Screen.object()
            .put("job", id.toString())
            .put("round", made)
            .put("model", blob.toString())
            .put("file", file.toString())
            .put("bytes", bytes));
  }

  private static ModelSpec model(Session session, Job found) throws Exception {
    Marketplace market = session.market();
    JobSpec spec = JobFile.parse(market.get(found.deposit().spec(), JobFile.MAX_BYTES)).spec();
    return switch (spec.model()) {
      case JobSpec.Model.Reference reference -> reference.spec();
      case JobSpec.Model.TorchScript module ->
          JobPlan.model(
              spec,
              TrainingInputs.decode(market.get(found.terms().data(), TrainingInputs.MAX_BYTES)));
    };
  }

  private void outputs(Session session, Job found, Screen screen) throws Exception {
    Digest blob = found.models().get(round(found));
    OutputFetch fetch = new OutputFetch(session.market());
    OutputIndex index = fetch.index(blob);
    Path folder = Optional.ofNullable(out).orElseGet(() -> Path.of(found.terms().name()));
    createFolder(folder);
    ObjectNode object = Screen.object().put("job", found.id().toString());
    object.put("index", blob.toString()).put("folder", folder.toString());
    ArrayNode files = object.putArray("outputs");
    for (OutputIndex.Output output : index.outputs()) {
      screen.live(
          String.format(
              ROOT,
              "fetching output %d of %d, %,d bytes",
              files.size() + 1,
              index.outputs().size(),
              output.bytes()));
      Path file = fetch.save(output, folder);
      files
          .addObject()
          .put("rank", output.rank())
          .put("blob", output.blob().toString())
          .put("file", file.toString())
          .put("bytes", output.bytes());
    }
    int missing = found.terms().shards() - index.outputs().size();
    if (missing > 0) {
      screen.line("the job ended early: %d outputs are missing".formatted(missing));
    }
    screen.line(
        "%d outputs are in %s; nobody has proven what is in them"
            .formatted(index.outputs().size(), folder));
    screen.object(object);
  }

  private static void createFolder(Path folder) throws InputRefused {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new InputRefused(
          folder + " cannot be made a folder: " + e.getMessage(), "Name another: --out FOLDER");
    }
  }

  private int round(Job found) throws Declined, InputRefused {
    int closed = found.losses().size();
    if (closed == 0) {
      throw new Declined(
          "job %s has no closed round yet: it is %s in round %d of %d"
              .formatted(found.id(), found.phase(), found.round(), found.terms().rounds()),
          found.phase().ended()
              ? "There will be none, the job has ended; 'shardex job describe' says why"
              : "Wait for its first round: shardex job watch " + Figures.brief(found.id()));
    }
    int wanted = Optional.ofNullable(round).orElse(closed);
    if (wanted < 1 || wanted > closed) {
      throw new InputRefused(
          "round %d of job %s is not closed; 1 to %d are".formatted(wanted, found.id(), closed),
          "Name one of these, or none for the newest");
    }
    return wanted;
  }

  private static void requireWritable(Path file) throws InputRefused {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
      throw new InputRefused(
          file + " cannot be written", "Name a file in a folder that exists: --out FILE");
    }
  }
}
