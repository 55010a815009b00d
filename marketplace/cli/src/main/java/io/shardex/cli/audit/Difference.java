package io.shardex.cli.audit;

/** The log, replayed, is not what somebody said; the message names where and what differs. */
public final class Difference extends RuntimeException {
  private static final long serialVersionUID = 1;

  Difference(String message) {
    super(message);
  }

  static Difference at(long index, String what) {
    return new Difference("log index " + index + ": " + what);
  }
}
