package io.shardex.scheduler.grid;

import java.util.List;

/** How much of a blob the grid holds. */
public sealed interface BlobStat {
  /** Not announced, or its manifest is gone. */
  record Absent() implements BlobStat {}

  /**
   * Announced, but not all there.
   *
   * @param missing indices of the absent chunks, ascending, at least one
   */
  record Partial(long totalBytes, List<Integer> missing) implements BlobStat {
    public Partial {
      missing = List.copyOf(missing);
    }
  }

  /** All chunks are there. */
  record Complete(long totalBytes) implements BlobStat {}
}
