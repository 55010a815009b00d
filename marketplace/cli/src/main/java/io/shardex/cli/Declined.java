package io.shardex.cli;

/** A "no" of the network's rules that is known before anything is sent. */
public final class Declined extends Exception {
  private static final long serialVersionUID = 1;

  private final String fix;

  /**
   * @param what what is wrong, a clause without a full stop
   * @param fix what the user does about it, a clause without a full stop
   */
  public Declined(String what, String fix) {
    super(what);
    this.fix = fix;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }
}
