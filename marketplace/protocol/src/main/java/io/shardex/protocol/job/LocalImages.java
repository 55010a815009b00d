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

/** Reads and checks a job's IDX files. */
final class LocalImages {
  private static final int LABELS_HEADER_BYTES = 8;

  private LocalImages() {}

  static LocalData read(JobSpec spec, SampleFiles.Idx train, Path folder)
      throws IOException, JobRefused {
    List<Problem> problems = new ArrayList<>();
    Optional<IdxPair> trainPair = pair("spec.data.train", train, folder, problems);
    Optional<IdxPair> testPair = Optional.empty();
    if (spec.data().test().isPresent()
        && spec.data().test().get() instanceof SampleFiles.Idx test) {
      testPair = pair("spec.data.test", test, folder, problems);
      if (testPair.isPresent()) {
        requireLabels(folder.resolve(test.labels()), spec.model().classes(), problems);
      }
    }
    if (trainPair.isPresent() && testPair.isPresent()) {
      requireEqualShapes(trainPair.get(), testPair.get(), problems);
    }
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
    BlobSource images = BlobSource.of(folder.resolve(train.images()));
    BlobSource labels = BlobSource.of(folder.resolve(train.labels()));
    return new LocalData(
        describe(trainPair.orElseThrow(), images, labels),
        List.of(
            new Material.Part("labels", labels.file()), new Material.Part("images", images.file())),
        LocalData.testFiles(spec, folder));
  }

  private static Optional<IdxPair> pair(
      String path, SampleFiles.Idx files, Path folder, List<Problem> problems) throws IOException {
    Path images = folder.resolve(files.images());
    Path labels = folder.resolve(files.labels());
    boolean found = LocalData.requireFile(path + ".images", images, problems);
    found &= LocalData.requireFile(path + ".labels", labels, problems);
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

  private static void requireLabels(Path labels, int classes, List<Problem> problems)
      throws IOException {
    int highest = highestLabel(labels);
    if (highest >= classes) {
      problems.add(
          Problem.of(
              "spec.data.test.labels",
              "expected labels below %d, the model's outputs, but the highest is %d"
                  .formatted(classes, highest)));
    }
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
    return new DataDescription.Idx(
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
