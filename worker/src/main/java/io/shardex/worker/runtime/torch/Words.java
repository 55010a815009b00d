package io.shardex.worker.runtime.torch;

/** Text of strangers, fit for a log. */
final class Words {
  private static final int LONGEST = 1_000;

  private Words() {}

  /** The beginning of a text, on one line, without what could move a terminal's cursor. */
  static String bounded(String text) {
    String line = text.strip().replaceAll("\\s*[\\r\\n]\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }
}
