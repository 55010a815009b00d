package io.shardex.scheduler.archive;

/** Log indices from {@code first} to {@code last}, both included. */
public record IndexRange(long first, long last) {
  public IndexRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("no range goes from %d to %d".formatted(first, last));
    }
  }

  public boolean holds(long index) {
    return first <= index && index <= last;
  }

  @Override
  public String toString() {
    return first + " to " + last;
  }
}
