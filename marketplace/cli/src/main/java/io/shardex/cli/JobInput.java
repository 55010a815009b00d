package io.shardex.cli;

import static java.util.stream.Collectors.joining;

import io.shardex.market.Network;
import io.shardex.protocol.job.CommandPlan;
import io.shardex.protocol.job.CommandSpec;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobPlan;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.LocalCommand;
import io.shardex.protocol.job.LocalData;
import io.shardex.protocol.job.LocalModule;
import io.shardex.protocol.job.Material;
import io.shardex.protocol.job.Plan;
import io.shardex.protocol.job.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** A job file and the files it names, read and checked as far as no network is needed for it. */
public final class JobInput {
  private final Path path;
  private final JobFile file;
  private final Material material;

  private JobInput(Path path, JobFile file, Material material) {
    this.path = path;
    this.file = file;
    this.material = material;
  }

  /**
   * Reads both; data paths are relative to the job file.
   *
   * @throws InputRefused naming everything that is wrong
   */
  public static JobInput read(Path path) throws IOException, InputRefused {
    JobFile file = readFile(path);
    Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
    try {
      Material material =
          switch (file.content()) {
            case JobSpec training -> read(training, folder);
            case CommandSpec command -> LocalCommand.read(command, folder);
          };
      return new JobInput(path, file, material);
    } catch (JobRefused e) {
      throw refused(path, e);
    }
  }

  private static Material read(JobSpec spec, Path folder) throws IOException, JobRefused {
    return switch (spec.model()) {
      case JobSpec.Model.Reference reference -> LocalData.read(spec, folder);
      case JobSpec.Model.TorchScript module -> LocalModule.read(spec, module, folder);
    };
  }

  /**
   * Reads the job file alone: what takes no time at all.
   *
   * @throws InputRefused naming everything that is wrong with it
   */
  public static JobFile readFile(Path path) throws IOException, InputRefused {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new InputRefused(
          Files.exists(path)
              ? "the job file " + path + " cannot be read"
              : "there is no job file " + path,
          "Check the path");
    }
    try {
      return JobFile.read(path);
    } catch (JobRefused e) {
      throw refused(path, e);
    }
  }

  private static InputRefused refused(Path path, JobRefused refused) {
    return new InputRefused(
        path
            + " cannot become a job:\n    "
            + refused.problems().stream().map(Problem::toString).collect(joining("\n    ")),
        "Mend the job file or the data it names; nothing was paid");
  }

  /**
   * Holds the job against a network's classes and rules, as a submission at that time would; of the
   * network only these two count.
   *
   * @throws InputRefused when it does not fit, is too late, or its budget is below its cost
   */
  public void check(Network network, Instant submitted) throws InputRefused {
    Plan plan = plan(network, submitted);
    requireTime(plan, submitted);
    requireBudget(plan);
  }

  Plan plan(Network network, Instant submitted) throws InputRefused {
    try {
      return switch (material) {
        case LocalData data -> JobPlan.of(file.spec(), data.description(), network, submitted);
        case LocalModule module -> JobPlan.of(file.spec(), module.inputs(), network, submitted);
        case LocalCommand command ->
            CommandPlan.of(file.command(), command.inputs(), network, submitted);
      };
    } catch (JobRefused e) {
      throw refused(path, e);
    }
  }

  void requireTime(Plan plan, Instant now) throws InputRefused {
    Instant deadline = Instant.ofEpochMilli(plan.terms().deadlineMillis());
    if (!deadline.isAfter(now)) {
      throw new InputRefused(
          "%s: spec.deadline: expected a time to come, but %s is past".formatted(path, deadline),
          "Set a later deadline; nothing was paid");
    }
  }

  void requireBudget(Plan plan) throws InputRefused {
    if (!plan.missingBudget().isZero()) {
      throw new InputRefused(
          "%s: spec.price.budget: the job costs up to %s at its price limit, but the budget is %s: %s is missing"
              .formatted(path, plan.terms().leastBudget(), plan.budget(), plan.missingBudget()),
          "Raise the budget, or lower maxPerHour, rounds or shards; nothing was paid");
    }
  }

  /** The job file. */
  public Path path() {
    return path;
  }

  JobFile file() {
    return file;
  }

  Material material() {
    return material;
  }
}
