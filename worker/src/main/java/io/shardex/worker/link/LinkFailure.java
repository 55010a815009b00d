package io.shardex.worker.link;

/** The network gave no answer of use; says whether asking again may help. */
public final class LinkFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean passing;

  private LinkFailure(boolean passing, String message, Throwable cause) {
    super(message, cause);
    this.passing = passing;
  }

  /** Trouble that may be over at the next try. */
  public static LinkFailure passing(Throwable cause) {
    return new LinkFailure(true, String.valueOf(cause.getMessage()), cause);
  }

  /** What was asked for can never be had, such as a blob longer than the caller takes. */
  public static LinkFailure lasting(Throwable cause) {
    return new LinkFailure(false, String.valueOf(cause.getMessage()), cause);
  }

  public boolean isPassing() {
    return passing;
  }
}
