package io.shardex.protocol.job;

import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The builder's files, read and checked before anything is uploaded or paid.
 *
 * @param description of the training data, whole files, whatever the job's limit
 * @param parts the files of the training data, the small before the large
 * @param test the test files, when the job names some; they are never uploaded
 */
public record LocalData(DataDescription description, List<Part> parts, Optional<TestFiles> test)
    implements Material {

  public LocalData {
    parts = List.copyOf(parts);
  }

  @Override
  public byte[] described() {
    return description.encoded();
  }

  /** The files the builder judges the model with. */
  public record TestFiles(SampleFiles files, Path folder) {
    /** All samples, as the model reads them. */
    public Samples load(ModelSpec model) throws IOException, MalformedIdx {
      return files.load(folder, model);
    }
  }

  /**
   * Reads the files a job names, relative to the job file's folder.
   *
   * @throws JobRefused listing each file that is missing, truncated or does not fit the other or
   *     the model
   */
  public static LocalData read(JobSpec spec, Path folder) throws IOException, JobRefused {
    return switch (spec.data().train()) {
      case SampleFiles.Idx train -> LocalImages.read(spec, train, folder);
      case SampleFiles.Text train -> LocalText.read(spec, train, folder);
    };
  }

  static Optional<TestFiles> testFiles(JobSpec spec, Path folder) {
    return spec.data().test().map(files -> new TestFiles(files, folder));
  }

  static boolean requireFile(String path, Path file, List<Problem> problems) {
    if (Files.isRegularFile(file) && Files.isReadable(file)) {
      return true;
    }
    String found = Files.exists(file) ? "cannot be read as one" : "does not exist";
    problems.add(Problem.of(path, "expected a file, but " + file + " " + found));
    return false;
  }
}
