package io.shardex.protocol.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardex.market.Digest;
import io.shardex.protocol.blob.Manifest;
import io.shardex.training.spec.ModelSpec;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchInputsTest {
  private static final DataDescription.Idx DATA =
      new DataDescription.Idx(
          Digest.parse("01".repeat(32)),
          16 + 784 * 60_000L,
          Digest.parse("02".repeat(32)),
          60_008,
          60_000,
          28,
          28,
          10);
  private static final TorchInputs INPUTS = TorchJobs.inputs(TorchJobs.TENSORS, DATA);

  @TempDir Path folder;

  @Test
  void theBytesAreAsDocumentedAndReadBack() {
    byte[] bytes = INPUTS.encoded();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    assertEquals(0x53585431, in.getInt());
    in.position(4 + 32);
    assertEquals(1_000, in.getLong());
    in.position(4 + 2 * 40);
    assertEquals(2, in.getInt());
    assertEquals(6, in.getInt());
    in.position(in.position() + 6);
    assertEquals(List.of(2, 10, 784), List.of(in.getInt(), in.getInt(), in.getInt()));
    assertEquals(INPUTS, TrainingInputs.decode(bytes));
    assertEquals(Manifest.of(bytes).id(), INPUTS.digest());
    assertEquals(
        List.of("ab", "cd", "01", "02"),
        INPUTS.blobs().stream().map(blob -> blob.hex().substring(0, 2)).toList());
  }

  /** What a description of this kind has always been named, so that none changes its name. */
  @Test
  void theNameOfADescriptionStays() {
    assertEquals(
        "231d372029fcb5636bbd50e53cd9c7b9ad67147ccc52fa5a92035810e97481d7", INPUTS.digest().hex());
    assertInstanceOf(DataDescription.class, TrainingInputs.decode(DATA.encoded()));
    assertEquals(DATA, TrainingInputs.decode(DATA.encoded()));
  }

  @Test
  void theLongestDescriptionIsReadAndALongerOneIsNot() {
    List<Integer> shape = Collections.nCopies(ModelSpec.Tensor.MAX_RANK, 1);
    List<ModelSpec.Tensor> tensors =
        IntStream.range(0, 1_024)
            .mapToObj(i -> new ModelSpec.Tensor("%0128d".formatted(i), shape))
            .toList();
    byte[] longest = TorchJobs.inputs(tensors, DATA).encoded();
    assertEquals(TorchInputs.MAX_BYTES, longest.length);
    assertEquals(tensors, TorchInputs.decode(longest).tensors());
    assertThrows(
        IllegalArgumentException.class,
        () -> TrainingInputs.decode(Arrays.copyOf(longest, longest.length + 1)));
  }

  @Test
  void anyOtherBytesAreRefused() {
    byte[] bytes = INPUTS.encoded();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(IllegalArgumentException.class, () -> TrainingInputs.decode(cut));
    }
    for (long seed = 0; seed < 2_000; seed++) {
      byte[] changed = bytes.clone();
      Random random = new Random(seed);
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      try {
        assertArrayEquals(changed, TrainingInputs.decode(changed).encoded(), "seed " + seed);
      } catch (IllegalArgumentException refused) {
        // So it should be.
      }
    }
  }

  @Test
  void filesThatAreTooLongAreNoInputs() {
    CommandInputs.Blob small = new CommandInputs.Blob(Digest.ZERO, 1);
    CommandInputs.Blob large = new CommandInputs.Blob(Digest.ZERO, (64 << 20) + 1);
    CommandInputs.Blob larger = new CommandInputs.Blob(Digest.ZERO, TensorFile.MAX_BYTES + 1L);
    assertThrows(
        IllegalArgumentException.class, () -> new TorchInputs(large, small, List.of(), DATA));
    assertThrows(
        IllegalArgumentException.class, () -> new TorchInputs(small, larger, List.of(), DATA));
  }

  private void write(byte[] module, byte[] parameters) throws Exception {
    Files.write(folder.resolve("model.pt"), module);
    Files.write(folder.resolve("model.safetensors"), parameters);
    for (String part : List.of("train", "test")) {
      Files.write(folder.resolve(part + "-images"), LocalDataTest.images(3, 28, 28));
      Files.write(folder.resolve(part + "-labels"), LocalDataTest.labels(3, 9));
    }
  }

  private LocalModule read() throws Exception {
    JobSpec spec = Jobs.parse(TorchJobs.LINEAR).spec();
    return LocalModule.read(spec, (JobSpec.Model.TorchScript) spec.model(), folder);
  }

  private List<String> problems() {
    return assertThrows(JobRefused.class, this::read).problems().stream()
        .map(Problem::toString)
        .toList();
  }

  @Test
  void localFilesAreDescribedByTheirBlobsAndTensors() throws Exception {
    byte[] module = TorchJobs.zip("model/version", "model/data.pkl", "model/code/m.py");
    write(module, TorchJobs.parameters(1, 2));
    LocalModule local = read();
    assertEquals(TorchJobs.TENSORS, local.inputs().tensors());
    assertEquals(Manifest.of(module).id(), local.inputs().module().id());
    assertEquals(TorchJobs.parameters(1, 2).length, local.inputs().parameters().bytes());
    assertArrayEquals(local.inputs().encoded(), local.described());
    assertEquals(
        List.of("labels", "images", "module", "parameters"),
        local.parts().stream().map(Material.Part::what).toList());
  }

  @Test
  void everyFileThatIsNotWhatItShouldBeIsNamed() throws Exception {
    write("import torch".getBytes(UTF_8), TorchJobs.parameters(1, Float.POSITIVE_INFINITY));
    Files.delete(folder.resolve("train-labels"));
    assertEquals(
        List.of(
            "spec.model.file: expected a TorchScript module, but "
                + folder.resolve("model.pt")
                + " is no zip archive; write it with torch.jit.script(model).save(...)",
            "spec.model.parameters: expected finite numbers, but "
                + folder.resolve("model.safetensors")
                + " has others",
            "spec.data.train.labels: expected a file, but "
                + folder.resolve("train-labels")
                + " does not exist"),
        problems());

    write(TorchJobs.zip("model/version", "model/data.pkl"), new byte[0]);
    assertEquals(
        List.of(
            "spec.model.file: expected a TorchScript module, but "
                + folder.resolve("model.pt")
                + " holds no code; write it with torch.jit.script(model).save(...)",
            "spec.model.parameters: expected a file of 1 to %d bytes, but %s has 0"
                .formatted(TensorFile.MAX_BYTES, folder.resolve("model.safetensors"))),
        problems());

    write(TorchJobs.zip("model/code/m.py"), "PK".repeat(20).getBytes(UTF_8));
    assertEquals(1, problems().size());
    Files.delete(folder.resolve("model.pt"));
    assertTrue(problems().getFirst().endsWith("model.pt does not exist"));
  }
}
