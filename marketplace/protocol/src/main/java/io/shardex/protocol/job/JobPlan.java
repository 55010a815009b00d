package io.shardex.protocol.job;

import io.shardex.market.CheckpointEvery;
import io.shardex.market.Execution;
import io.shardex.market.JobTerms;
import io.shardex.market.Network;
import io.shardex.market.Network.ClassTerms;
import io.shardex.market.Rules;
import io.shardex.pricing.Amount;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.pricing.UnitPrice;
import io.shardex.pricing.WorkUnits;
import io.shardex.training.Workload;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.TrainingSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A job file joined with its data and the network's rules: what the market is told, and what the
 * workers train. A pure function, so that every validator comes to the same plan.
 *
 * @param budget what the builder puts into escrow
 */
public record JobPlan(JobTerms terms, TrainingSpec training, Amount budget) implements Plan {

  /**
   * Plans a job that is submitted at {@code submitted}.
   *
   * @throws JobRefused listing what does not fit the data or the network
   */
  public static JobPlan of(JobSpec spec, TrainingInputs inputs, Network network, Instant submitted)
      throws JobRefused {
    return at(spec.deadline().millis(submitted), spec, inputs, network);
  }

  /**
   * Holds submitted terms against the job file, as a validator does: empty when they follow from
   * it, else a bounded sentence in ASCII that is the same on every machine. A deadline counted from
   * submission is the builder's word; an instant must be the file's.
   */
  public static Optional<String> refusal(
      JobTerms claimed, JobSpec spec, TrainingInputs inputs, Network network) {
    long deadlineMillis =
        switch (spec.deadline()) {
          case Deadline.After after -> claimed.deadlineMillis();
          case Deadline.At at -> at.time().toEpochMilli();
        };
    try {
      return difference(claimed, at(deadlineMillis, spec, inputs, network).terms);
    } catch (JobRefused e) {
      return Optional.of(e.brief());
    }
  }

  /** What the budget lacks for auditing every result, at the limit price; zero if nothing. */
  public Amount missingFullBudget() {
    Amount needed = terms.fullBudget();
    return needed.minus(needed.min(budget));
  }

  private static JobPlan at(
      long deadlineMillis, JobSpec spec, TrainingInputs inputs, Network network) throws JobRefused {
    ModelSpec model = model(spec, inputs);
    requireFit(spec, model, inputs.data(), network.rules());
    ClassTerms machine = machine(spec.resources().accelerator(), network.classes());
    TrainingSpec training = training(spec, model, inputs.data());
    try {
      JobTerms terms =
          new JobTerms(
              spec.name(),
              machine.resources(),
              spec.resources().memoryMiB().orElseGet(() -> ShardMemory.mebibytes(training)),
              spec.shards(),
              spec.rounds(),
              shardWork(training),
              shardSteps(training),
              UnitPrice.ofHourly(spec.price().maxPerHour(), machine.workPerHour()),
              deadlineMillis,
              spec.audit(),
              spec.rollsBack(),
              inputs.digest(),
              execution(spec));
      requirePrice(terms, spec.price());
      // The full budget must be an amount, since it is what the builder signs.
      terms.fullBudget();
      return new JobPlan(terms, training, spec.price().budget());
    } catch (ArithmeticException e) {
      throw new JobRefused(
          "spec", "expected a job whose work and cost can be counted, but " + e.getMessage());
    }
  }

  /**
   * What is trained, by the job file and what it is made from.
   *
   * @throws JobRefused when they do not fit together
   */
  public static ModelSpec model(JobSpec spec, TrainingInputs inputs) throws JobRefused {
    return switch (spec.model()) {
      case JobSpec.Model.Reference reference -> {
        if (inputs instanceof TorchInputs) {
          throw new JobRefused("spec.model", "expected no module, but there is one");
        }
        yield reference.spec();
      }
      case JobSpec.Model.TorchScript module -> module(module, inputs);
    };
  }

  private static ModelSpec module(JobSpec.Model.TorchScript module, TrainingInputs inputs)
      throws JobRefused {
    if (!(inputs instanceof TorchInputs files)) {
      throw new JobRefused("spec.model", "expected a module, but none is described");
    }
    DataDescription.Idx data = files.data();
    try {
      return new ModelSpec.TorchScript(
          files.tensors(),
          new ModelSpec.Image(data.rows(), data.columns(), 1),
          module.classes(),
          module.flopsPerSample(),
          module.seed());
    } catch (IllegalArgumentException e) {
      throw new JobRefused("spec.model", String.valueOf(e.getMessage()));
    }
  }

  private static Execution execution(JobSpec spec) {
    Execution execution =
        switch (spec.model()) {
          case JobSpec.Model.Reference reference -> Execution.REFERENCE;
          case JobSpec.Model.TorchScript module -> Execution.TORCH;
        };
    return spec.checkpoint().map(execution::saved).orElse(execution);
  }

  private static void requireFit(JobSpec spec, ModelSpec model, DataDescription data, Rules rules)
      throws JobRefused {
    List<Problem> problems = new ArrayList<>();
    modelProblems(model, data).forEach(problems::add);
    limitProblem(spec.data().limit(), data.samples(model.inputs())).ifPresent(problems::add);
    atMost("spec.shards", spec.shards(), rules.bounds().shards(), "the network's bound", problems);
    atMost("spec.rounds", spec.rounds(), rules.bounds().rounds(), "the network's bound", problems);
    resultsProblem(spec, rules.bounds().results()).ifPresent(problems::add);
    checkpointProblem(spec.checkpoint(), rules).ifPresent(problems::add);
    if (execution(spec).isProvable()) {
      auditProblem(spec.audit(), rules.money().auditFloor()).ifPresent(problems::add);
    } else {
      unprovenProblems(spec).forEach(problems::add);
    }
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
  }

  static Optional<Problem> checkpointProblem(Optional<CheckpointEvery> checkpoint, Rules rules) {
    long leastMillis = rules.pace().checkpoint();
    return checkpoint
        .filter(every -> every instanceof CheckpointEvery.Time time && time.millis() < leastMillis)
        .map(
            every ->
                Problem.of(
                    "spec.checkpoint.every",
                    "expected at least %d ms, the network's bound, but it is %s"
                        .formatted(leastMillis, every)));
  }

  private static Optional<Problem> auditProblem(PartsPerMillion audit, PartsPerMillion floor) {
    return audit.compareTo(floor) < 0
        ? Optional.of(
            Problem.of(
                "spec.verification.audit",
                "expected at least %s, the network's floor, but it is %s"
                    .formatted(percent(floor), percent(audit))))
        : Optional.empty();
  }

  /** Another execution of a builder's module need not give equal bits. */
  private static List<Problem> unprovenProblems(JobSpec spec) {
    List<Problem> problems = new ArrayList<>();
    if (spec.audit().value() != 0) {
      problems.add(
          Problem.of(
              "spec.verification.audit",
              "expected 0%%, since results of a torchscript model cannot be audited, but it is %s"
                  .formatted(percent(spec.audit()))));
    }
    if (spec.rollsBack()) {
      problems.add(
          Problem.of(
              "spec.verification.onLie",
              "expected no onLie, since no lie about a torchscript model can be proven, but it is"
                  + " rollback"));
    }
    return problems;
  }

  private static List<Problem> modelProblems(ModelSpec model, DataDescription data) {
    return switch (data) {
      case DataDescription.Idx images -> imageProblems(model, images);
      case DataDescription.Text text ->
          model instanceof ModelSpec.Transformer transformer
              ? textProblems(transformer, text)
              : List.of(
                  Problem.of("spec.model.kind", "expected a transformer, since the data is text"));
    };
  }

  private static List<Problem> textProblems(
      ModelSpec.Transformer model, DataDescription.Text data) {
    List<Problem> problems = new ArrayList<>();
    if (model.vocabulary() < data.classes()) {
      problems.add(
          Problem.of(
              "spec.model.vocabulary",
              "expected at least %d, since the highest byte of the text is %d, but it is %d"
                  .formatted(data.classes(), data.classes() - 1, model.vocabulary())));
    }
    if (data.samples(model.inputs()) == 0) {
      problems.add(
          Problem.of(
              "spec.model.window",
              "expected less than %d, the bytes of the text, but it is %d"
                  .formatted(data.bytes(), model.window())));
    }
    return problems;
  }

  private static List<Problem> imageProblems(ModelSpec model, DataDescription.Idx data) {
    List<Problem> problems = new ArrayList<>();
    String images = "%d rows by %d columns of an image".formatted(data.rows(), data.columns());
    String outputs =
        switch (model) {
          case ModelSpec.Mlp mlp -> {
            if (mlp.inputs() != data.features()) {
              problems.add(
                  Problem.of(
                      "spec.model.layers",
                      "expected %d inputs, %s, but the first width is %d"
                          .formatted(data.features(), images, mlp.inputs())));
            }
            yield "spec.model.layers";
          }
          case ModelSpec.Cnn cnn -> {
            ModelSpec.Image image = cnn.image();
            if (image.rows() != data.rows()
                || image.columns() != data.columns()
                || image.channels() != 1) {
              problems.add(
                  Problem.of(
                      "spec.model.image",
                      "expected [%d, %d, 1], %s and one channel, but it is [%d, %d, %d]"
                          .formatted(
                              data.rows(),
                              data.columns(),
                              images,
                              image.rows(),
                              image.columns(),
                              image.channels())));
            }
            yield "spec.model.dense";
          }
          case ModelSpec.Transformer transformer -> {
            problems.add(
                Problem.of(
                    "spec.model.kind",
                    "expected a model of images, but it reads windows of %d tokens"
                        .formatted(transformer.window())));
            yield "spec.model.vocabulary";
          }
          case ModelSpec.TorchScript module -> "spec.model.classes";
        };
    if (model.classes() < data.classes()) {
      problems.add(
          Problem.of(
              outputs,
              "expected at least %d outputs, since the highest label is %d, but the last width is %d"
                  .formatted(data.classes(), data.classes() - 1, model.classes())));
    }
    return problems;
  }

  private static Optional<Problem> limitProblem(OptionalInt limit, int samples) {
    return limit.isPresent() && limit.getAsInt() > samples
        ? Optional.of(
            Problem.of(
                "spec.data.train.limit",
                "expected at most %d, the samples there are, but it is %d"
                    .formatted(samples, limit.getAsInt())))
        : Optional.empty();
  }

  private static Optional<Problem> resultsProblem(JobSpec spec, int most) {
    long results = (long) spec.shards() * spec.rounds();
    return results > most
        ? Optional.of(
            Problem.of(
                "spec.rounds",
                "expected shards x rounds of at most %d, the network's bound, but it is %d"
                    .formatted(most, results)))
        : Optional.empty();
  }

  private static void atMost(String path, int value, int max, String why, List<Problem> problems) {
    if (value > max) {
      problems.add(
          Problem.of(path, "expected at most %d, %s, but it is %d".formatted(max, why, value)));
    }
  }

  static ClassTerms machine(String accelerator, List<ClassTerms> classes) throws JobRefused {
    boolean any = accelerator.equals(JobSpec.Resources.ANY);
    List<ClassTerms> fitting =
        classes.stream().filter(c -> any || c.resources().name().equals(accelerator)).toList();
    if (fitting.size() == 1) {
      return fitting.getFirst();
    }
    String offered =
        classes.stream().map(c -> c.resources().name()).collect(Collectors.joining(", "));
    throw new JobRefused(
        "spec.resources.accelerator",
        "expected one of the network's classes (%s), but it is %s".formatted(offered, accelerator));
  }

  private static TrainingSpec training(JobSpec spec, ModelSpec model, DataDescription data)
      throws JobRefused {
    int samples = spec.data().limit().orElse(data.samples(model.inputs()));
    try {
      return new TrainingSpec(
          model, spec.local(), spec.outer(), spec.shards(), spec.rounds(), samples);
    } catch (IllegalArgumentException e) {
      throw new JobRefused("spec", String.valueOf(e.getMessage()));
    }
  }

  /** The optimiser steps of the largest shard. */
  private static int shardSteps(TrainingSpec training) {
    return IntStream.range(0, training.shards())
        .map(shard -> training.local().steps(training.range(shard).count()))
        .max()
        .orElseThrow();
  }

  /** The work of the largest shard. */
  private static WorkUnits shardWork(TrainingSpec training) {
    long most =
        IntStream.range(0, training.shards())
            .mapToLong(shard -> Workload.workUnits(training, shard))
            .max()
            .orElseThrow();
    return new WorkUnits(most);
  }

  static void requirePrice(JobTerms terms, JobSpec.Price price) throws JobRefused {
    if (terms.limit().equals(UnitPrice.ZERO)) {
      throw new JobRefused(
          "spec.price.maxPerHour",
          "expected a price that work can have, but %s an hour is none"
              .formatted(price.maxPerHour()));
    }
  }

  static Optional<String> difference(JobTerms claimed, JobTerms computed) {
    return Optional.<String>empty()
        .or(() -> differs("name", JobTerms::name, claimed, computed))
        .or(() -> differs("resources", JobTerms::resources, claimed, computed))
        .or(() -> differs("memoryMiB", JobTerms::memoryMiB, claimed, computed))
        .or(() -> differs("shards", JobTerms::shards, claimed, computed))
        .or(() -> differs("rounds", JobTerms::rounds, claimed, computed))
        .or(() -> differs("shardWork", JobTerms::shardWork, claimed, computed))
        .or(() -> differs("shardSteps", JobTerms::shardSteps, claimed, computed))
        .or(() -> differs("limit", JobTerms::limit, claimed, computed))
        .or(() -> differs("deadlineMillis", JobTerms::deadlineMillis, claimed, computed))
        .or(() -> differs("audit", JobTerms::audit, claimed, computed))
        .or(() -> differs("rollsBack", JobTerms::rollsBack, claimed, computed))
        .or(() -> differs("data", JobTerms::data, claimed, computed))
        .or(() -> differs("execution", JobTerms::execution, claimed, computed));
  }

  private static Optional<String> differs(
      String name, Function<JobTerms, Object> field, JobTerms claimed, JobTerms computed) {
    Object expected = field.apply(computed);
    Object found = field.apply(claimed);
    return expected.equals(found)
        ? Optional.empty()
        : Optional.of(
            "expected %s to be %s by the job file, but the terms say %s"
                .formatted(name, ascii(expected), ascii(found)));
  }

  private static String ascii(Object value) {
    String text = value.toString().replaceAll("[^ -~]", "?");
    return text.substring(0, Math.min(80, text.length()));
  }

  private static String percent(PartsPerMillion rate) {
    return java.math.BigDecimal.valueOf(rate.value(), 4).stripTrailingZeros().toPlainString() + "%";
  }
}
