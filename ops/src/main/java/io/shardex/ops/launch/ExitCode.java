package io.shardex.ops.launch;

/** What the process says when it ends; scripts may rely on the numbers. */
public enum ExitCode {
  /** Everything asked for was done. */
  OK(0, "done"),
  /** The work failed while it ran. */
  FAILED(1, "the work failed"),
  /** The command line or a file named on it cannot be understood. */
  USAGE(2, "the command line or an input file is wrong"),
  /** The machine lacks something: a program, a free port, disk, a usable state folder. */
  ENVIRONMENT(3, "the machine lacks something (a program, a free port)"),
  /** The market said no, with a reason. */
  REFUSED(4, "the market refused, with a reason"),
  /** The user or the system asked the process to stop (128 + SIGINT, as shells count). */
  INTERRUPTED(130, "interrupted");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The process exit status, 0 to 255. */
  public int number() {
    return number;
  }

  /** One line for the help page. */
  public String meaning() {
    return meaning;
  }
}
