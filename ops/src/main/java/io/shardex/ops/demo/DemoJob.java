package io.shardex.ops.demo;

import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobRefused;
import io.shardex.protocol.job.JobSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The demo's job file: the example's text with the seed of this run, data paths that lead from the
 * state folder to the installed files and, for a quick run, a limit, fewer rounds and more audits.
 */
public final class DemoJob {
  private static final Cut QUICK = new Cut(12_000, 3, "50%");

  /**
   * A part of the example.
   *
   * @param images the first so many
   * @param rounds of training
   * @param audit share of results that is audited, as in a job file
   */
  public record Cut(int images, int rounds, String audit) {}

  private DemoJob() {}

  /** Writes {@code job.yaml} into the folder and returns its path. */
  static Path write(Path example, Path folder, MnistFiles data, long seed, boolean quick)
      throws IOException {
    return write(example, folder, data, seed, quick ? Optional.of(QUICK) : Optional.empty());
  }

  /** The same with any part of the example. */
  public static Path write(Path example, Path folder, MnistFiles data, long seed, Cut cut)
      throws IOException {
    return write(example, folder, data, seed, Optional.of(cut));
  }

  private static Path write(
      Path example, Path folder, MnistFiles data, long seed, Optional<Cut> cut) throws IOException {
    String text;
    try {
      text = Files.readString(example);
    } catch (NoSuchFileException e) {
      throw Trouble.environment(
          "the example " + example + " is missing", "Start from a whole distribution");
    }
    text = replaced(text, "seed:\\s*-?[0-9]+", "seed: " + seed);
    for (Path file :
        List.of(data.trainImages(), data.trainLabels(), data.testImages(), data.testLabels())) {
      text = replaced(text, "[^\\s,{}]*" + Pattern.quote(name(file)), quoted(folder, file));
    }
    if (cut.isPresent()) {
      text = replaced(text, "rounds:\\s*[0-9]+", "rounds: " + cut.get().rounds());
      text = limited(text, cut.get().images());
      text = replaced(text, "audit:\\s*[0-9.]+%", "audit: " + cut.get().audit());
    }
    requireMeant(text, seed, cut);
    Path job = folder.resolve("job.yaml");
    Files.writeString(job, text);
    return job;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** A path relative to the folder, as a double-quoted YAML scalar. */
  private static String quoted(Path folder, Path file) {
    String path = folder.toAbsolutePath().relativize(file.toAbsolutePath()).toString();
    return "\"" + path.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** Puts the limit before the training images, in whichever style the mapping is written. */
  private static String limited(String text, int limit) {
    Matcher images = Pattern.compile("(?m)(train:\\s*\\{?)(\\s*)images:").matcher(text);
    if (!images.find()) {
      throw notMeant("it has no training images");
    }
    boolean flow = images.group(1).endsWith("{");
    Matcher line = Pattern.compile("(?m)^([ ]*)(images:.*train-images.*)$").matcher(text);
    if (!flow && line.find()) {
      return line.replaceFirst(
          Matcher.quoteReplacement(line.group(1) + "limit: " + limit + "\n" + line.group()));
    }
    return images.replaceFirst("$1limit: " + limit + ", images:");
  }

  private static String replaced(String text, String pattern, String by) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw notMeant("it has nothing like " + pattern);
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(by));
  }

  private static void requireMeant(String text, long seed, Optional<Cut> cut) {
    try {
      JobSpec spec = JobFile.parse(text.getBytes(StandardCharsets.UTF_8)).spec();
      OptionalInt limit =
          cut.isPresent() ? OptionalInt.of(cut.get().images()) : spec.data().limit();
      if (spec.model().seed() != seed || !spec.data().limit().equals(limit)) {
        throw notMeant("its seed or its limit cannot be set");
      }
    } catch (JobRefused e) {
      throw notMeant(String.valueOf(e.getMessage()));
    }
  }

  private static Trouble notMeant(String why) {
    return Trouble.environment(
        "the example job file is not as the demo needs it: " + why, "Restore examples/mnist.yaml");
  }
}
