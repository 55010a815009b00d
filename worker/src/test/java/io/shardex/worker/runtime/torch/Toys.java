package io.shardex.worker.runtime.torch;

import io.shardex.training.commitment.Digest;
import io.shardex.training.data.Samples;
import io.shardex.training.model.Parameters;
import io.shardex.training.spec.LocalSpec;
import io.shardex.training.spec.ModelSpec.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/** The modules that {@code make.py} made, and what is trained with them. */
final class Toys {
  static final int SIDE = 6;
  static final int CLASSES = 3;
  static final Digest JOB = Digest.of(new byte[] {1});
  static final Digest ANOTHER_JOB = Digest.of(new byte[] {2});
  static final LocalSpec SGD = new LocalSpec.Sgd(0.05f, 0.9f, 12, 5);

  /** Of toy.pt. */
  static final List<Tensor> TOY =
      List.of(
          new Tensor("conv.weight", List.of(2, 1, 3, 3)),
          new Tensor("conv.bias", List.of(2)),
          new Tensor("head.weight", List.of(3, 32)),
          new Tensor("head.bias", List.of(3)));

  /** Of the modules that are one linear layer. */
  static final List<Tensor> LINEAR =
      List.of(new Tensor("head.weight", List.of(3, 36)), new Tensor("head.bias", List.of(3)));

  /** Of stale.pt. */
  static final List<Tensor> STALE =
      List.of(
          new Tensor("a.weight", List.of(5, 1, 5, 5)),
          new Tensor("a.bias", List.of(5)),
          new Tensor("b.weight", List.of(7, 5, 5, 5)),
          new Tensor("b.bias", List.of(7)),
          new Tensor("head.weight", List.of(3, 7)),
          new Tensor("head.bias", List.of(3)));

  private Toys() {}

  /** Copies a resource into a folder. */
  static Path file(Path folder, String name) {
    try (InputStream in = resource(name)) {
      Path file = folder.resolve(name);
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Little-endian floats of a resource. */
  static Parameters floats(String name) {
    try (InputStream in = resource(name)) {
      return TorchJob.parameters(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(Toys.class.getResourceAsStream(name), name);
  }

  /** Twelve images; the same as in make.py. */
  static Samples samples() {
    byte[] features = new byte[12 * SIDE * SIDE];
    byte[] labels = new byte[12];
    for (int i = 0; i < labels.length; i++) {
      for (int j = 0; j < SIDE * SIDE; j++) {
        features[i * SIDE * SIDE + j] = (byte) (i * 37 + j * 11 + i * j);
      }
      labels[i] = (byte) (i * 5 % CLASSES);
    }
    return Samples.of(features, labels, SIDE * SIDE);
  }

  static TorchShard shard(List<Tensor> tensors, Parameters base, LocalSpec local) {
    return new TorchShard(
        tensors, base, List.of(1, SIDE, SIDE), TorchShard.Reading.PIXELS, CLASSES, local, 7, 0, 0);
  }

  /** Parameters that are not all alike. */
  static Parameters some(List<Tensor> tensors) {
    float[] values = new float[tensors.stream().mapToInt(Tensor::count).sum()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 17 - 8) / 64f;
    }
    return Parameters.of(values);
  }
}
