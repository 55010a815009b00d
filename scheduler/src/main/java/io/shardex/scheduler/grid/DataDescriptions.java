package io.shardex.scheduler.grid;

import io.shardex.market.Digest;
import io.shardex.protocol.job.DataDescription;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which blobs a description of training data lists, read from the grid and remembered. */
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
        .filter(manifest -> manifest.totalBytes() == DataDescription.BYTES)
        .flatMap(manifest -> grid.load(blob))
        .flatMap(DataDescriptions::blobs);
  }

  private static Optional<Set<Digest>> blobs(byte[] content) {
    try {
      DataDescription data = DataDescription.decode(content);
      return Optional.of(Set.of(data.images(), data.labels()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
