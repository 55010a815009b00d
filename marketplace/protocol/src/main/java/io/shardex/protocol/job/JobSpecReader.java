package io.shardex.protocol.job;

import io.shardex.market.CheckpointEvery;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.protocol.job.Yaml.Mapping;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec;
import io.shardex.training.spec.OuterSpec;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes a {@link JobSpec} of a document that fits the table of fields. */
final class JobSpecReader {
  private static final ModelSpec.Activation RELU = ModelSpec.Activation.RELU;

  private final List<Problem> problems = new ArrayList<>();

  /** The spec, or everything in it that is out of range. */
  static JobSpec read(Mapping root) throws JobRefused {
    JobSpecReader reader = new JobSpecReader();
    Mapping spec = root.mapping("spec");
    Optional<JobSpec.Model> model =
        reader.attempt(spec, "model", () -> model(spec.mapping("model")));
    Optional<LocalSpec> local = reader.attempt(spec, "local", () -> local(spec.mapping("local")));
    Optional<Deadline> deadline =
        reader.attempt(spec, "deadline", () -> deadline(spec.text("deadline")));
    reader.requireFormat(spec.mapping("data"), spec.mapping("model").text("kind"));
    if (!reader.problems.isEmpty()) {
      throw new JobRefused(reader.problems);
    }
    return new JobSpec(
        root.mapping("metadata").text("name"),
        model.orElseThrow(),
        data(spec.mapping("data")),
        whole(spec, "shards"),
        whole(spec, "rounds"),
        local.orElseThrow(),
        OuterSpec.AVERAGE,
        resources(spec.mapping("resources")),
        price(spec.mapping("price")),
        deadline.orElseThrow(),
        percent(spec.mapping("verification").text("audit")),
        rollsBack(spec.mapping("verification"), model.orElseThrow()),
        checkpoint(spec));
  }

  static Optional<CheckpointEvery> checkpoint(Mapping spec) {
    return spec.find("checkpoint").map(found -> every(((Mapping) found).text("every")));
  }

  private static CheckpointEvery every(String text) {
    return text.endsWith(" steps")
        ? new CheckpointEvery.Steps(Integer.parseInt(text.substring(0, text.length() - 6)))
        : new CheckpointEvery.Time(span(text).toMillis());
  }

  private static JobSpec.Model model(Mapping model) {
    long seed = Long.parseLong(model.text("seed"));
    return switch (model.text("kind")) {
      case "torchscript" ->
          new JobSpec.Model.TorchScript(
              model.text("file"),
              model.text("parameters"),
              whole(model, "classes"),
              Long.parseLong(model.text("flopsPerSample")),
              seed);
      case "cnn" ->
          new JobSpec.Model.Reference(
              new ModelSpec.Cnn(image(model), stages(model), widths(model, "dense"), RELU, seed));
      case "transformer" ->
          new JobSpec.Model.Reference(
              new ModelSpec.Transformer(
                  whole(model, "vocabulary"),
                  whole(model, "window"),
                  whole(model, "width"),
                  whole(model, "heads"),
                  whole(model, "blocks"),
                  seed));
      default ->
          new JobSpec.Model.Reference(new ModelSpec.Mlp(widths(model, "layers"), RELU, seed));
    };
  }

  private static ModelSpec.Image image(Mapping model) {
    List<Integer> image = widths(model, "image");
    return new ModelSpec.Image(image.get(0), image.get(1), image.get(2));
  }

  private static List<ModelSpec.Stage> stages(Mapping model) {
    return ((Yaml.Sequence) model.get("stages"))
        .items().stream()
            .map(Mapping.class::cast)
            .map(stage -> new ModelSpec.Stage(whole(stage, "kernel"), whole(stage, "channels")))
            .toList();
  }

  private static List<Integer> widths(Mapping model, String name) {
    return ((Yaml.Sequence) model.get(name))
        .items().stream().map(width -> Integer.parseInt(((Yaml.Scalar) width).text())).toList();
  }

  private static LocalSpec local(Mapping local) {
    float learningRate = Float.parseFloat(local.text("learningRate"));
    int batchSize = whole(local, "batchSize");
    int epochs = whole(local, "epochs");
    return local.text("optimizer").equals("adam")
        ? new LocalSpec.Adam(
            learningRate,
            number(local, "beta1", 0.9f),
            number(local, "beta2", 0.999f),
            number(local, "epsilon", 1e-8f),
            batchSize,
            epochs)
        : new LocalSpec.Sgd(
            learningRate, Float.parseFloat(local.text("momentum")), batchSize, epochs);
  }

  private static float number(Mapping mapping, String name, float absent) {
    return mapping.find(name).isPresent() ? Float.parseFloat(mapping.text(name)) : absent;
  }

  static Deadline deadline(String text) {
    if (text.endsWith("Z")) {
      try {
        return new Deadline.At(Instant.parse(text));
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(
            "expected an instant such as 2030-01-31T12:00:00Z, but it is '" + text + "'", e);
      }
    }
    return new Deadline.After(span(text));
  }

  private static Duration span(String text) {
    long count = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(count);
      case 'm' -> Duration.ofMinutes(count);
      case 'h' -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static JobSpec.Data data(Mapping data) {
    Mapping train = data.mapping("train");
    Function<Mapping, SampleFiles> files =
        readsText(data) ? JobSpecReader::text : JobSpecReader::idx;
    return new JobSpec.Data(
        files.apply(train),
        train.find("limit").isPresent()
            ? OptionalInt.of(whole(train, "limit"))
            : OptionalInt.empty(),
        data.find("test").map(test -> files.apply((Mapping) test)));
  }

  private static SampleFiles idx(Mapping files) {
    return new SampleFiles.Idx(files.text("images"), files.text("labels"));
  }

  private static SampleFiles text(Mapping file) {
    return new SampleFiles.Text(file.text("text"));
  }

  private static boolean readsText(Mapping data) {
    return data.text("format").equals("text");
  }

  /** A transformer reads text, and no other model does. */
  private void requireFormat(Mapping data, String kind) {
    String expected = kind.equals("transformer") ? "text" : "idx";
    String found = data.text("format");
    if (!found.equals(expected)) {
      problems.add(
          new Problem(
              "spec.data.format",
              OptionalInt.of(data.get("format").line()),
              "expected %s, which a model of kind %s reads, but it is %s"
                  .formatted(expected, kind, found)));
    }
  }

  private static JobSpec.Resources resources(Mapping resources) {
    return new JobSpec.Resources(
        resources.text("accelerator"),
        resources.find("memory").isPresent()
            ? OptionalInt.of(mebibytes(resources.text("memory")))
            : OptionalInt.empty());
  }

  private static int mebibytes(String text) {
    int count = Integer.parseInt(text.substring(0, text.length() - 3));
    return text.endsWith("GiB") ? Math.min(count, 1 << 20) * 1_024 : count;
  }

  static JobSpec.Price price(Mapping price) {
    return new JobSpec.Price(
        AmountText.parse(price.text("budget")), AmountText.parse(price.text("maxPerHour")));
  }

  /** Where no lie can be proven, nothing rolls back unless the file asks for it by mistake. */
  private static boolean rollsBack(Mapping verification, JobSpec.Model model) {
    return verification.find("onLie").isPresent()
        ? verification.text("onLie").equals("rollback")
        : model instanceof JobSpec.Model.Reference;
  }

  /** 1 % is 10,000 parts per million, and the shape allows four decimals. */
  private static PartsPerMillion percent(String text) {
    BigDecimal percent = new BigDecimal(text.substring(0, text.length() - 1));
    return new PartsPerMillion(percent.movePointRight(4).intValueExact());
  }

  static int whole(Mapping mapping, String name) {
    return Integer.parseInt(mapping.text(name));
  }

  private <T> Optional<T> attempt(Mapping spec, String name, Supplier<T> read) {
    try {
      return Optional.of(read.get());
    } catch (IllegalArgumentException e) {
      OptionalInt line = OptionalInt.of(spec.get(name).line());
      problems.add(new Problem("spec." + name, line, String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }
}
