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
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The demo's job file: the example's text with the seed of this run, data paths that lead from the
 * state folder to the installed files and, for a quick run, a limit, fewer rounds and more audits.
 */
final class DemoJob {
  private static final int QUICK_IMAGES = 12_000;
  private static final int QUICK_ROUNDS = 3;
  private static final String QUICK_AUDIT = "50%";

  private DemoJob() {}

  /** Writes {@code job.yaml} into the folder and returns its path. */
  static Path write(Path example, Path folder, MnistFiles data, long seed, boolean quick)
      throws IOException {
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
    if (quick) {
      text = replaced(text, "rounds:\\s*[0-9]+", "rounds: " + QUICK_ROUNDS);
      text = limited(text);
      text = replaced(text, "audit:\\s*[0-9.]+%", "audit: " + QUICK_AUDIT);
    }
    requireMeant(text, seed, quick);
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
  private static String limited(String text) {
    Matcher images = Pattern.compile("(?m)(train:\\s*\\{?)(\\s*)images:").matcher(text);
    if (!images.find()) {
      throw notMeant("it has no training images");
    }
    boolean flow = images.group(1).endsWith("{");
    Matcher line = Pattern.compile("(?m)^([ ]*)(images:.*train-images.*)$").matcher(text);
    if (!flow && line.find()) {
      return line.replaceFirst(
          Matcher.quoteReplacement(line.group(1) + "limit: " + QUICK_IMAGES + "\n" + line.group()));
    }
    return images.replaceFirst("$1limit: " + QUICK_IMAGES + ", images:");
  }

  private static String replaced(String text, String pattern, String by) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    if (!matcher.find()) {
      throw notMeant("it has nothing like " + pattern);
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(by));
  }

  private static void requireMeant(String text, long seed, boolean quick) {
    try {
      JobSpec spec = JobFile.parse(text.getBytes(StandardCharsets.UTF_8)).spec();
      OptionalInt limit = quick ? OptionalInt.of(QUICK_IMAGES) : spec.data().limit();
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
