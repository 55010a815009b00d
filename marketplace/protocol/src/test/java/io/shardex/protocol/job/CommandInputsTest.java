package io.shardex.protocol.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandInputsTest {
  private static final CommandInputs.Blob CORPUS =
      new CommandInputs.Blob(Digest.parse("ab".repeat(32)), 1_000);

  @TempDir Path folder;

  private CommandInputs inputs() throws Exception {
    Files.writeString(folder.resolve("root.tar"), "a root");
    Files.writeString(folder.resolve("train.py"), "print()");
    return LocalCommand.read(Commands.parse(Commands.TRAIN), folder).inputs();
  }

  @Test
  void localFilesAreNamedByTheirBytesAndBlobsByTheirIds() throws Exception {
    CommandInputs inputs = inputs();
    assertEquals(blob("a root"), inputs.image());
    assertEquals(
        List.of(
            new CommandInputs.File("train.py", blob("print()")),
            new CommandInputs.File("corpus", CORPUS)),
        inputs.files());
    assertEquals(List.of(blob("a root"), blob("print()"), CORPUS), inputs.blobs());
    LocalCommand local = LocalCommand.read(Commands.parse(Commands.TRAIN), folder);
    assertEquals(
        List.of(folder.resolve("root.tar"), folder.resolve("train.py")),
        local.uploads().stream().map(BlobSource::file).toList());
  }

  @Test
  void everyMissingAndEmptyFileIsNamed() throws Exception {
    Files.createFile(folder.resolve("train.py"));
    JobRefused refused =
        assertThrows(
            JobRefused.class, () -> LocalCommand.read(Commands.parse(Commands.TRAIN), folder));
    assertEquals(
        List.of("spec.image.file", "spec.inputs[0].file"),
        refused.problems().stream().map(Problem::path).toList());
    assertTrue(String.valueOf(refused.getMessage()).contains("does not exist"));
    assertTrue(String.valueOf(refused.getMessage()).contains("expected 1 to"));
  }

  @Test
  void theBytesReadBackAsTheSame() throws Exception {
    CommandInputs inputs = inputs();
    assertEquals(inputs, CommandInputs.decode(inputs.encoded()));
    assertEquals(Manifest.of(inputs.encoded()).id(), inputs.digest());
    CommandInputs full =
        new CommandInputs(
            CORPUS,
            IntStream.range(0, 32)
                .mapToObj(i -> new CommandInputs.File("x".repeat(126) + (10 + i), CORPUS))
                .toList());
    assertEquals(CommandInputs.MAX_BYTES, full.encoded().length);
    assertEquals(full, CommandInputs.decode(full.encoded()));
  }

  @Test
  void noOtherBytesAreRead() throws Exception {
    byte[] bytes = inputs().encoded();
    for (int length = 0; length < bytes.length; length++) {
      refused(Arrays.copyOf(bytes, length));
    }
    refused(Arrays.copyOf(bytes, bytes.length + 1));
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      byte[] other = bytes.clone();
      other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        CommandInputs read = CommandInputs.decode(other);
        assertArrayEquals(other, read.encoded());
      } catch (IllegalArgumentException e) {
        // What is not canonical is refused, and nothing else happens.
      }
    }
  }

  private static void refused(byte[] bytes) {
    assertThrows(IllegalArgumentException.class, () -> CommandInputs.decode(bytes));
  }

  @Test
  void tooManyFilesAndDoubledNamesAreRefused() {
    CommandInputs.File file = new CommandInputs.File("a", CORPUS);
    assertThrows(
        IllegalArgumentException.class, () -> new CommandInputs(CORPUS, List.of(file, file)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new CommandInputs(CORPUS, Collections.nCopies(33, file)));
    assertThrows(IllegalArgumentException.class, () -> new CommandInputs.File("../escape", CORPUS));
  }

  @Test
  void inputsAreHeldAgainstTheJobFile() throws Exception {
    CommandInputs inputs = inputs();
    CommandSpec spec = Commands.parse(Commands.TRAIN);
    assertEquals(Optional.empty(), inputs.refusal(spec));
    // Only the builder can say what its own file holds.
    CommandInputs other = new CommandInputs(CORPUS, inputs.files());
    assertEquals(Optional.empty(), other.refusal(spec));

    CommandInputs fewer = new CommandInputs(inputs.image(), inputs.files().subList(0, 1));
    assertTrue(fewer.refusal(spec).orElseThrow().contains("does not list"));
    CommandInputs longer =
        new CommandInputs(
            inputs.image(),
            List.of(
                inputs.files().get(0),
                new CommandInputs.File("corpus", new CommandInputs.Blob(CORPUS.id(), 1_001))));
    assertEquals(
        "the description has another blob for corpus than the job file",
        longer.refusal(spec).orElseThrow());
  }

  private static CommandInputs.Blob blob(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new CommandInputs.Blob(Manifest.of(bytes).id(), bytes.length);
  }
}
