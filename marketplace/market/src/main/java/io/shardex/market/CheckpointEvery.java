package io.shardex.market;

/** How often the worker of a shard saves how far it is. */
public sealed interface CheckpointEvery {
  /** After so many steps, at least 1. */
  record Steps(int count) implements CheckpointEvery {
    /** Throws {@link IllegalArgumentException} for less than one step. */
    public Steps {
      if (count < 1) {
        throw new IllegalArgumentException("expected at least 1 step, but it is " + count);
      }
    }

    @Override
    public String toString() {
      return count + " steps";
    }
  }

  /** After so many milliseconds of training, at least 1. */
  record Time(long millis) implements CheckpointEvery {
    /** Throws {@link IllegalArgumentException} for less than one millisecond. */
    public Time {
      if (millis < 1) {
        throw new IllegalArgumentException("expected at least 1 ms, but it is " + millis);
      }
    }

    @Override
    public String toString() {
      return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }
  }
}
