package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.job.CommandInputs;
import io.shardex.protocol.job.OutputIndex;
import io.shardex.protocol.job.TrainingInputs;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which blobs a description of a training's or a command's inputs or of outputs lists, read from
 * the grid and remembered.
 */
public final class DataDescriptions {
  private static final int REMEMBERED = 1_000;

  private final BlobGrid grid;
  private final Map<Digest, Set<Digest>> listed =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Set<Digest>> eldest) {
          return size() > REMEMBERED;
        }
      };

  public DataDescriptions(BlobGrid grid) {
    this.grid = grid;
  }

  /** The blobs it lists; none while it is not in the grid, or if it is no description. */
  public Set<Digest> listedBy(Digest description) {
    synchronized (listed) {
      Set<Digest> known = listed.get(description);
      if (known != null) {
        return known;
      }
    }
    Optional<Set<Digest>> read = read(description);
    read.ifPresent(
        blobs -> {
          synchronized (listed) {
            listed.put(description, blobs);
          }
        });
    return read.orElse(Set.of());
  }

  private Optional<Set<Digest>> read(Digest blob) {
    return grid.manifest(blob)
        .filter(manifest -> manifest.totalBytes() <= OutputIndex.MAX_BYTES)
        .flatMap(grid::content)
        .flatMap(DataDescriptions::blobs);
  }

  private static Optional<Set<Digest>> blobs(byte[] content) {
    return listed(content, TrainingInputs::decode, inputs -> inputs.blobs().stream())
        .or(() -> listed(content, CommandInputs::decode, DataDescriptions::inputs))
        .or(() -> listed(content, OutputIndex::decode, DataDescriptions::outputs));
  }

  private static Stream<Digest> inputs(CommandInputs inputs) {
    return inputs.blobs().stream().map(CommandInputs.Blob::id);
  }

  private static Stream<Digest> outputs(OutputIndex index) {
    return index.outputs().stream().map(OutputIndex.Output::blob);
  }

  /** What the content lists as one kind of description; empty if it is none. */
  private static <T> Optional<Set<Digest>> listed(
      byte[] content, Function<byte[], T> decode, Function<T, Stream<Digest>> list) {
    try {
      return Optional.of(list.apply(decode.apply(content)).collect(Collectors.toSet()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
