package io.shardex.training.spec;

/** The one wording of a value that is out of range. */
final class Check {
  private Check() {}

  static void range(String field, long value, long min, long max) {
    require(value >= min && value <= max, field, min + " to " + max, value);
  }

  static void require(boolean holds, String field, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(
          "expected %s to be %s, but it is %s".formatted(field, expected, found));
    }
  }
}
