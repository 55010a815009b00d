package io.shardex.cli;

import io.shardex.training.model.Parameters;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** {@link SmallJob} with a module of its builder's own, ten parameters in two tensors. */
public final class SmallModule {
  public static final ModelSpec.TorchScript MODEL =
      new ModelSpec.TorchScript(
          List.of(
              new ModelSpec.Tensor("fc.weight", List.of(2, 4)),
              new ModelSpec.Tensor("fc.bias", List.of(2))),
          new ModelSpec.Image(2, 2, 1),
          2,
          3_000_000,
          7);

  private SmallModule() {}

  /** Writes the job and its files; gives the job file. */
  public static Path in(Path folder) throws IOException {
    try (OutputStream file = Files.newOutputStream(folder.resolve("m.pt"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("m/code/__torch__.py"));
    }
    Files.write(folder.resolve("m.safetensors"), SafeTensors.write(model(0)));
    return SmallJob.in(folder)
        .with(
            "{kind: mlp, layers: [4, 3, 2], activation: relu, seed: 7}",
            "{kind: torchscript, file: m.pt, parameters: m.safetensors, classes: 2,"
                + " flopsPerSample: 3000000, seed: 7}")
        .with("audit: 20%", "audit: 0%")
        .file();
  }

  /** As many rounds behind its beginning. */
  public static RoundModel model(int round) {
    float[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, round};
    return new RoundModel(MODEL, round, Parameters.of(values));
  }
}
