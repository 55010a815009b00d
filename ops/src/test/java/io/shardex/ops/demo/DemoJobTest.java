package io.shardex.ops.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.ops.launch.Trouble;
import io.shardex.ops.localnet.MnistFiles;
import io.shardex.pricing.PartsPerMillion;
import io.shardex.protocol.job.JobFile;
import io.shardex.protocol.job.JobSpec;
import io.shardex.protocol.job.SampleFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoJobTest {
  private static final Path EXAMPLE = Path.of("../examples/mnist.yaml").toAbsolutePath();

  @TempDir private Path folder;

  // JUnit fills the folder in before each test.
  @SuppressWarnings("NullAway.Init")
  DemoJobTest() {}

  @Test
  void theSeedIsWrittenAndTheRestIsTheExamples() throws Exception {
    JobSpec spec = written(-42, false);

    assertEquals(-42, spec.model().seed());
    assertEquals(OptionalInt.empty(), spec.data().limit());
    assertEquals(JobFile.read(EXAMPLE).spec().rounds(), spec.rounds());
    assertEquals(JobFile.read(EXAMPLE).spec().audit(), spec.audit());
    assertEquals(JobFile.read(EXAMPLE).spec().local(), spec.local());
  }

  @Test
  void aQuickJobHasThreeRoundsOfAFifthOfTheDataAndMoreAudits() throws Exception {
    JobSpec spec = written(7, true);

    assertEquals(3, spec.rounds());
    assertEquals(new PartsPerMillion(500_000), spec.audit());
    assertEquals(OptionalInt.of(12_000), spec.data().limit());
  }

  @Test
  void dataPathsLeadFromTheStateFolderToTheFiles() throws Exception {
    JobSpec spec = written(7, true);
    Path state = folder.resolve("state");

    SampleFiles.Idx train = (SampleFiles.Idx) spec.data().train();
    SampleFiles.Idx test = (SampleFiles.Idx) spec.data().test().orElseThrow();
    assertEquals(data().trainImages(), state.resolve(train.images()).normalize());
    assertEquals(data().testLabels(), state.resolve(test.labels()).normalize());
  }

  @Test
  void aQuickJobWrittenInOneLineIsLimitedToo() throws Exception {
    String text = Files.readString(EXAMPLE);
    String flow =
        text.replaceFirst(
            "(?s)train:\\s*images:[^\\n]*\\s*labels:[^\\n]*",
            "train: {images: a/train-images-idx3-ubyte, labels: a/train-labels-idx1-ubyte}");
    Path example = Files.writeString(folder.resolve("flow.yaml"), flow);

    assertEquals(
        OptionalInt.of(12_000), JobFile.read(write(example, 1, true)).spec().data().limit());
  }

  @Test
  void aMissingExampleIsNamed() {
    Path missing = folder.resolve("none.yaml");

    Trouble trouble = assertThrows(Trouble.class, () -> write(missing, 1, false));
    assertTrue(trouble.what().contains(missing.toString()), trouble.what());
  }

  private JobSpec written(long seed, boolean quick) throws Exception {
    return JobFile.read(write(EXAMPLE, seed, quick)).spec();
  }

  private Path write(Path example, long seed, boolean quick) throws Exception {
    Path state = Files.createDirectories(folder.resolve("state"));
    return DemoJob.write(example, state, data(), seed, quick);
  }

  /** In a folder whose name YAML would trip over. */
  private MnistFiles data() {
    Path data = folder.resolve("my data, \"old\": {1}");
    return new MnistFiles(
        data.resolve("train-images-idx3-ubyte"),
        data.resolve("train-labels-idx1-ubyte"),
        data.resolve("t10k-images-idx3-ubyte"),
        data.resolve("t10k-labels-idx1-ubyte"));
  }
}
