package io.shardex.protocol.job;

import java.util.OptionalInt;

/**
 * One thing that is wrong with a job file or with the data it names.
 *
 * @param path the field, such as {@code spec.local.batchSize}; empty for the file as a whole
 * @param line its line in the file, from 1; absent when no line is to blame
 * @param detail what was expected, and what was found
 */
public record Problem(String path, OptionalInt line, String detail) {
  static Problem of(String path, String detail) {
    return new Problem(path, OptionalInt.empty(), detail);
  }

  @Override
  public String toString() {
    String at = line.isPresent() ? "line " + line.getAsInt() + ": " : "";
    return at + (path.isEmpty() ? "" : path + ": ") + detail;
  }
}
