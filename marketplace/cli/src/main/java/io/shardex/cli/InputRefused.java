package io.shardex.cli;

/** What the user gave cannot be used. Nothing was paid and nothing was uploaded. */
public final class InputRefused extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  /**
   * @param what what is wrong, a clause without a full stop
   * @param fix what the user does about it, a clause without a full stop
   */
  public InputRefused(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }
}
