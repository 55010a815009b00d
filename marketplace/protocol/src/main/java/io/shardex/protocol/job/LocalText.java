package io.shardex.protocol.job;

import io.shardex.training.data.TextWindows;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads and checks a job's files of text. */
final class LocalText {
  private static final int BUFFER_BYTES = 1 << 16;

  private LocalText() {}

  static LocalData read(JobSpec spec, SampleFiles.Text train, Path folder)
      throws IOException, JobRefused {
    if (!(spec.model() instanceof JobSpec.Model.Reference reference)) {
      throw new JobRefused(
          "spec.data.format", "expected idx, since a torchscript model is given images");
    }
    ModelSpec model = reference.spec();
    List<Problem> problems = new ArrayList<>();
    Path text = folder.resolve(train.text());
    check("spec.data.train.text", text, model, problems);
    if (spec.data().test().isPresent()
        && spec.data().test().get() instanceof SampleFiles.Text test) {
      check("spec.data.test.text", folder.resolve(test.text()), model, problems);
    }
    if (!problems.isEmpty()) {
      throw new JobRefused(problems);
    }
    BlobSource source = BlobSource.of(text);
    return new LocalData(
        new DataDescription.Text(
            source.id(), source.manifest().totalBytes(), Bytes.of(text, 256).highest() + 1),
        List.of(new Material.Part("text", text)),
        LocalData.testFiles(spec, folder));
  }

  private static void check(String path, Path file, ModelSpec model, List<Problem> problems)
      throws IOException {
    if (!LocalData.requireFile(path, file, problems)) {
      return;
    }
    long bytes = Files.size(file);
    if (bytes > TextWindows.MAX_BYTES) {
      problems.add(
          Problem.of(
              path,
              "expected at most %d bytes, but %s has %d"
                  .formatted(TextWindows.MAX_BYTES, file, bytes)));
      return;
    }
    int window = model.inputs();
    if (new TextWindows(bytes, window).count() == 0) {
      problems.add(
          Problem.of(
              path,
              "expected at least %d bytes, a window of %d and the byte behind it, but %s has %d"
                  .formatted(window + 1, window, file, bytes)));
      return;
    }
    Bytes read = Bytes.of(file, model.classes());
    if (read.highest() >= model.classes()) {
      problems.add(
          Problem.of(
              path,
              ("expected bytes below %d, the model's vocabulary, but line %d of %s has byte %d;"
                      + " raise spec.model.vocabulary, or write the text in other characters")
                  .formatted(model.classes(), read.line(), file, read.highest())));
    }
  }

  /**
   * What a file's bytes come to.
   *
   * @param highest of all bytes; or the first that is not below the bound
   * @param line it stands in, from 1
   */
  private record Bytes(int highest, long line) {
    static Bytes of(Path file, int bound) throws IOException {
      int highest = 0;
      long line = 1;
      try (InputStream in = Files.newInputStream(file)) {
        byte[] some = in.readNBytes(BUFFER_BYTES);
        while (some.length > 0) {
          for (byte one : some) {
            int token = one & 0xff;
            if (token >= bound) {
              return new Bytes(token, line);
            }
            highest = Math.max(highest, token);
            line += token == '\n' ? 1 : 0;
          }
          some = in.readNBytes(BUFFER_BYTES);
        }
      }
      return new Bytes(highest, line);
    }
  }
}
