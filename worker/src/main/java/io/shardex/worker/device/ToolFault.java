package io.shardex.worker.device;

/** A driver's program does not tell of its GPUs; the message holds the program's own words. */
public final class ToolFault extends Exception {
  private static final long serialVersionUID = 1;
  private static final int LONGEST = 300;

  private final String tool;

  /**
   * A fault.
   *
   * @param words of the program; cut after 300 characters
   */
  public ToolFault(String tool, String words) {
    super(tool + ": " + (words.length() > LONGEST ? words.substring(0, LONGEST) : words));
    this.tool = tool;
  }

  /** The program's name. */
  public String tool() {
    return tool;
  }
}
