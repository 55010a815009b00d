package io.shardex.consensus;

/** Why a proposal or a read barrier came to nothing, as far as this replica can know. */
public final class ProposalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, and whether the entry may be in the log all the same. */
  public enum Reason {
    /** Larger than {@link ReplicaConfig#maxEntryBytes()}; not in the log. */
    TOO_LARGE(false),
    /** Too many proposals in flight, here or at the leader; not in the log, try later. */
    OVERLOADED(false),
    /** No leader could be reached in time; not in the log, try later. */
    NOT_READY(false),
    /** No answer in time; <b>may be in the log, or enter it yet</b>. */
    TIMED_OUT(true),
    /** This replica closed; <b>may be in the log, or enter it yet</b>. */
    CLOSED(true);

    private final boolean outcomeUnknown;

    Reason(boolean outcomeUnknown) {
      this.outcomeUnknown = outcomeUnknown;
    }

    /** Whether the entry may have been applied, or may be applied later. */
    public boolean outcomeUnknown() {
      return outcomeUnknown;
    }
  }

  private final Reason reason;

  ProposalException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  ProposalException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What went wrong. */
  public Reason reason() {
    return reason;
  }
}
