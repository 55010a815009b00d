package io.shardex.cli;

import io.shardex.market.Digest;
import io.shardex.training.model.MalformedBlob;
import io.shardex.training.model.RoundModel;
import io.shardex.training.model.SafeTensors;
import io.shardex.training.spec.ModelSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Fetches models of a job's rounds, verified against their ids and of the right shape. */
public final class ModelFetch {
  private final Marketplace market;
  private final ModelSpec spec;

  public ModelFetch(Marketplace market, ModelSpec spec) {
    this.market = market;
    this.spec = spec;
  }

  /** The models' shape. */
  ModelSpec spec() {
    return spec;
  }

  /**
   * The model that a round came to.
   *
   * @param round from 1; 0 for the initial model
   * @throws MalformedBlob when the blob is not that round's model
   */
  public RoundModel round(int round, Digest blob) throws MalformedBlob {
    return RoundModel.decode(market.get(blob, RoundModel.blobBytes(spec)), spec, round);
  }

  /** Writes a model as a safetensors file, which is there whole or not at all. */
  public static void save(RoundModel model, Path file) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    Files.write(partial, SafeTensors.write(model));
    Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
