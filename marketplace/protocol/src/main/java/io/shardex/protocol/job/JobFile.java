package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A job file: its exact bytes, by which the chain and the market name the job's spec, and what they
 * say. UTF-8 YAML of at most 256 KiB without anchors, aliases and tags.
 */
public final class JobFile {
  /** The longest job file. */
  public static final int MAX_BYTES = 256 * 1024;

  private static final String TRAINING = "TrainingJob";
  private static final String COMMAND = "CommandJob";

  private final byte[] bytes;
  private final JobContent content;

  private JobFile(byte[] bytes, JobContent content) {
    this.bytes = bytes;
    this.content = content;
  }

  /** Reads a file; a {@link JobRefused} lists all that is wrong with it, with lines. */
  public static JobFile read(Path file) throws IOException, JobRefused {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(in.readNBytes(MAX_BYTES + 1));
    }
  }

  /** Reads a file's bytes. */
  public static JobFile parse(byte[] bytes) throws JobRefused {
    if (bytes.length > MAX_BYTES) {
      throw new JobRefused("", "expected at most " + MAX_BYTES + " bytes, but there are more");
    }
    Yaml.Mapping root = YamlReader.read(bytes);
    return new JobFile(bytes.clone(), content(root));
  }

  private static JobContent content(Yaml.Mapping root) throws JobRefused {
    // A file that does not say its kind is told so by the table of a training job's fields.
    Optional<Yaml.Scalar> kind =
        root.find("kind").filter(Yaml.Scalar.class::isInstance).map(Yaml.Scalar.class::cast);
    return switch (kind.map(Yaml.Scalar::text).orElse(TRAINING)) {
      case TRAINING -> training(root);
      case COMMAND -> command(root);
      default ->
          throw new JobRefused(
              List.of(
                  new Problem(
                      "kind",
                      OptionalInt.of(root.get("kind").line()),
                      "expected %s or %s, but it is %s"
                          .formatted(TRAINING, COMMAND, root.get("kind").described()))));
    };
  }

  private static CommandSpec command(Yaml.Mapping root) throws JobRefused {
    require(CommandFields.ROOT, root);
    return CommandSpecReader.read(root);
  }

  private static JobSpec training(Yaml.Mapping root) throws JobRefused {
    require(JobFields.ROOT, root);
    return JobSpecReader.read(root);
  }

  private static void require(Shape shape, Yaml.Mapping root) throws JobRefused {
    List<Problem> problems = ShapeCheck.problems(shape, root);
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
  }

  /** What the file asks for. */
  public JobContent content() {
    return content;
  }

  /** What a command job says; a {@link JobRefused} if the file describes another kind. */
  public CommandSpec command() throws JobRefused {
    if (content instanceof CommandSpec command) {
      return command;
    }
    throw new JobRefused("kind", "expected %s, but it is %s".formatted(COMMAND, TRAINING));
  }

  /** What a training job says; a {@link JobRefused} if the file describes another kind. */
  public JobSpec spec() throws JobRefused {
    if (content instanceof JobSpec training) {
      return training;
    }
    throw new JobRefused("kind", "expected %s, but it is %s".formatted(TRAINING, COMMAND));
  }

  /** A copy of the exact bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The spec's digest: the blob id of the exact bytes. */
  public Digest digest() {
    return Manifest.of(bytes).id();
  }
}
