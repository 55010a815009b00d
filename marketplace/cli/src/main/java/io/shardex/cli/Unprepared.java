package io.shardex.cli;

/** This machine lacks something: a file, a program, the right network behind an address. */
public final class Unprepared extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  /**
   * @param what what is wrong, a clause without a full stop
   * @param fix what the user does about it, a clause without a full stop
   */
  public Unprepared(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }
}
