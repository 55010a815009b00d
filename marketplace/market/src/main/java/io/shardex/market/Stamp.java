package io.shardex.market;

import java.util.Comparator;

/** The place of a command in the log: the entry's index, and the command's offset inside it. */
public record Stamp(long index, int offset) implements Comparable<Stamp> {
  private static final Comparator<Stamp> ORDER =
      Comparator.comparingLong(Stamp::index).thenComparingInt(Stamp::offset);

  @Override
  public int compareTo(Stamp other) {
    return ORDER.compare(this, other);
  }
}
