package io.shardex.cli;

import io.shardex.market.Digest;
import io.shardex.protocol.job.OutputIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Fetches what a command's instances left, verified against the ids in the market. */
public final class OutputFetch {
  private final Marketplace market;

  public OutputFetch(Marketplace market) {
    this.market = market;
  }

  /**
   * What there is to fetch; throws {@link IllegalArgumentException} when the blob is no index of
   * outputs.
   */
  public OutputIndex index(Digest blob) {
    return OutputIndex.decode(market.get(blob, OutputIndex.MAX_BYTES));
  }

  /** Writes one output to {@code rank-N.tar}, which is there whole or not at all. */
  public Path save(OutputIndex.Output output, Path folder) throws IOException {
    Path file = folder.resolve("rank-" + output.rank() + ".tar");
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    Files.write(partial, market.get(output.blob(), output.bytes()));
    return Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
