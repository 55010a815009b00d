package io.shardex.protocol.job;

import io.shardex.training.data.IdxPair;
import io.shardex.training.data.MalformedIdx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The builder's files, read and checked before anything is uploaded or paid.
 *
 * @param description of the training data, whole files, whatever the job's limit
 * @param test the test files, when the job names some; they are never uploaded
 */
public record LocalData(
    DataDescription description, BlobSource images, BlobSource labels, Optional<TestFiles> test)
    implements Material {
  private static final int LABELS_HEADER_BYTES = 8;

  @Override
  public byte[] described() {
    return description.encoded();
  }

  @Override
  public List<Part> parts() {
    return List.of(new Part("labels", labels.file()), new Part("images", images.file()));
  }

  /** The files the builder judges the model with. */
  public record TestFiles(Path images, Path labels) {}

  /**
   * Reads the files a job names, relative to the job file's folder.
   *
   * @throws JobRefused listing each file that is missing, truncated or does not fit the other
   */
  public static LocalData read(JobSpec spec, Path folder) throws IOException, JobRefused {
    List<Problem> problems = new ArrayList<>();
    Optional<IdxPair> train = pair("spec.data.train", spec.data().train(), folder, problems);
    Optional<TestFiles> test = spec.data().test().map(files -> testFiles(files, folder));
    Optional<IdxPair> testPair = Optional.empty();
    if (spec.data().test().isPresent()) {
      testPair = pair("spec.data.test", spec.data().test().get(), folder, problems);
    }
    if (train.isPresent() && testPair.isPresent()) {
      requireEqualShapes(train.get(), testPair.get(), problems);
    }
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
    BlobSource images = BlobSource.of(folder.resolve(spec.data().train().images()));
    BlobSource labels = BlobSource.of(folder.resolve(spec.data().train().labels()));
    return new LocalData(describe(train.orElseThrow(), images, labels), images, labels, test);
  }

  private static TestFiles testFiles(JobSpec.Files files, Path folder) {
    return new TestFiles(folder.resolve(files.images()), folder.resolve(files.labels()));
  }

  private static Optional<IdxPair> pair(
      String path, JobSpec.Files files, Path folder, List<Problem> problems) throws IOException {
    Path images = folder.resolve(files.images());
    Path labels = folder.resolve(files.labels());
    boolean found = requireFile(path + ".images", images, problems);
    found &= requireFile(path + ".labels", labels, problems);
    if (!found) {
      return Optional.empty();
    }
    try {
      return Optional.of(IdxPair.read(images, labels));
    } catch (MalformedIdx e) {
      problems.add(Problem.of(path, String.valueOf(e.getMessage())));
    } catch (NoSuchFileException e) {
      problems.add(Problem.of(path, "expected a file, but there is none at " + e.getMessage()));
    }
    return Optional.empty();
  }

  private static boolean requireFile(String path, Path file, List<Problem> problems) {
    if (Files.isRegularFile(file) && Files.isReadable(file)) {
      return true;
    }
    String found = Files.exists(file) ? "cannot be read as one" : "does not exist";
    problems.add(Problem.of(path, "expected a file, but " + file + " " + found));
    return false;
  }

  private static void requireEqualShapes(IdxPair train, IdxPair test, List<Problem> problems) {
    String trained = train.images().rows() + " x " + train.images().columns();
    String tested = test.images().rows() + " x " + test.images().columns();
    if (!trained.equals(tested)) {
      problems.add(
          Problem.of(
              "spec.data.test",
              "expected images of %s like the training images, but they are %s"
                  .formatted(trained, tested)));
    }
  }

  private static DataDescription describe(IdxPair pair, BlobSource images, BlobSource labels)
      throws IOException {
    return new DataDescription(
        images.id(),
        images.manifest().totalBytes(),
        labels.id(),
        labels.manifest().totalBytes(),
        pair.count(),
        pair.images().rows(),
        pair.images().columns(),
        highestLabel(labels.file()) + 1);
  }

  private static int highestLabel(Path labels) throws IOException {
    int highest = 0;
    try (InputStream in = Files.newInputStream(labels)) {
      in.skipNBytes(LABELS_HEADER_BYTES);
      byte[] some = in.readNBytes(1 << 16);
      while (some.length > 0) {
        for (byte label : some) {
          highest = Math.max(highest, label & 0xff);
        }
        some = in.readNBytes(1 << 16);
      }
    }
    return highest;
  }
}
