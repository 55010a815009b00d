package io.shardex.cli;

/** A bounded wait ran out. What was done so far is remembered; the same call goes on from there. */
public final class Stalled extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  Stalled(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }
}
