package io.shardex.protocol.job;

import io.shardex.training.data.IdxPair;
import io.shardex.training.data.MalformedIdx;
import io.shardex.training.data.Samples;
import io.shardex.training.data.TextWindows;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;

/** The files that samples come from, as a job file names them: by paths relative to it. */
public sealed interface SampleFiles {
  /**
   * All samples of files in a folder, as the model reads them.
   *
   * @throws MalformedIdx if they are not IDX
   * @throws IllegalArgumentException if a text has no window of the model's
   */
  Samples load(Path folder, ModelSpec model) throws IOException, MalformedIdx;

  /** A pair of IDX files. */
  record Idx(String images, String labels) implements SampleFiles {
    @Override
    public Samples load(Path folder, ModelSpec model) throws IOException, MalformedIdx {
      return IdxPair.load(folder.resolve(images), folder.resolve(labels));
    }
  }

  /** A text, whose bytes are the tokens. */
  record Text(String text) implements SampleFiles {
    @Override
    public Samples load(Path folder, ModelSpec model) throws IOException {
      return TextWindows.load(folder.resolve(text), model.inputs());
    }
  }
}
