package io.shardex.cli;

/** The job came to another end than its last round; says why, and whose doing it is. */
public final class NotCompleted extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  /**
   * @param what what is wrong, a clause without a full stop
   * @param fix what the user does about it, a clause without a full stop
   */
  public NotCompleted(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }
}
