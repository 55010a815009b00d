package io.shardex.protocol.job;

import io.shardex.market.Digest;
import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import io.shardex.training.spec.ModelSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Jobs that bring a module of their own, for tests. */
final class TorchJobs {
  /** 28 x 28 images into ten classes by one layer of 7,850 numbers. */
  static final String LINEAR =
      Jobs.MNIST
          .replace(
              "{kind: mlp, layers: [784, 256, 10], activation: relu, seed: 7}",
              "{kind: torchscript, file: model.pt, parameters: model.safetensors, classes: 10,"
                  + " flopsPerSample: 31400, seed: 7}")
          .replace("audit: 20%", "audit: 0%");

  static final List<ModelSpec.Tensor> TENSORS =
      List.of(
          new ModelSpec.Tensor("weight", List.of(10, 784)),
          new ModelSpec.Tensor("bias", List.of(10)));

  private TorchJobs() {}

  static String edited(String text, String other) {
    if (!LINEAR.contains(text)) {
      throw new IllegalArgumentException("the example has no " + text);
    }
    return LINEAR.replace(text, other);
  }

  /** As the tensors and data of {@link #LINEAR} are described. */
  static TorchInputs inputs(List<ModelSpec.Tensor> tensors, DataDescription.Idx data) {
    CommandInputs.Blob some = new CommandInputs.Blob(Digest.parse("ab".repeat(32)), 1_000);
    return new TorchInputs(
        some, new CommandInputs.Blob(Digest.parse("cd".repeat(32)), 2_000), tensors, data);
  }

  /** A safetensors file with these values in {@link #TENSORS}. */
  static byte[] parameters(float... values) {
    ModelSpec model =
        new ModelSpec.TorchScript(TENSORS, new ModelSpec.Image(28, 28, 1), 10, 31_400, 7);
    float[] all = new float[model.parameterCount()];
    System.arraycopy(values, 0, all, 0, values.length);
    return SafeTensors.write(new RoundModel(model, 0, Parameters.of(all)));
  }

  /** A zip of empty files, as TorchScript's archives are by their names. */
  static byte[] zip(String... names) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
