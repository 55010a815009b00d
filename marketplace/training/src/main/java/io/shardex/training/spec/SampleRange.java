package io.shardex.training.spec;

/** Samples {@code from} (inclusive) to {@code to} (exclusive) of a data set, never empty. */
public record SampleRange(int from, int to) {
  public SampleRange {
    Check.require(
        from >= 0 && from < to, "sample range", "rising from 0 or more", from + ".." + to);
  }

  public int count() {
    return to - from;
  }
}
