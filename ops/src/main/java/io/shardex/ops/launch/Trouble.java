package io.shardex.ops.launch;

/**
 * Why a command cannot go on, told to the user: what is wrong, and what mends it. It ends the
 * process with its exit code and these two texts, without a stack trace.
 */
public final class Trouble extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ExitCode code;
  private final String what;
  private final String fix;

  /**
   * A trouble without a cause worth showing.
   *
   * @param what what is wrong, a clause without a full stop
   * @param fix what the user does about it, a clause without a full stop
   */
  public Trouble(ExitCode code, String what, String fix) {
    super(what);
    this.code = code;
    this.what = what;
    this.fix = fix;
  }

  /** The same, with the failure behind it, shown only when SHARDEX_DEBUG=1. */
  public Trouble(ExitCode code, String what, String fix, Throwable cause) {
    super(what, cause);
    this.code = code;
    this.what = what;
    this.fix = fix;
  }

  /** The exit code the process ends with. */
  public ExitCode code() {
    return code;
  }

  /** What is wrong, a clause without a full stop. */
  public String what() {
    return what;
  }

  /** What the user does about it. */
  public String fix() {
    return fix;
  }

  /** A missing or unusable part of the machine. */
  public static Trouble environment(String what, String fix) {
    return new Trouble(ExitCode.ENVIRONMENT, what, fix);
  }
}
