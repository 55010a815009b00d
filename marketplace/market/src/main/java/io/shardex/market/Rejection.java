package io.shardex.market;

/**
 * The market's "no".
 *
 * @param detail shaped "expected lease j/0/1 to be running, but it expired at 90000"
 */
public record Rejection(Reason reason, String detail) {
  /** Whose doing a refusal or an ending is. */
  public enum Fault {
    BUILDER,
    PROVIDER,
    VALIDATORS,
    /** The author of the command, whoever it is. */
    AUTHOR,
    NOBODY
  }

  /** Why, whose fault, and what to do next. */
  public enum Reason {
    ALREADY_BORN(Fault.AUTHOR, "use the log's own network file"),
    NOT_BORN(Fault.AUTHOR, "wait until the network's first entry is applied"),
    BAD_SIGNATURE(
        Fault.AUTHOR, "sign for this chain, contract and command, with low s and v 27 or 28"),
    NOT_SIGNED_BY(Fault.AUTHOR, "sign with the key that the detail names"),
    UNKNOWN_KEY(Fault.AUTHOR, "confirm a deposit or a stake on chain first"),
    COMMAND_EXPIRED(Fault.AUTHOR, "sign again with a later expiry"),
    EXPIRY_TOO_FAR(Fault.AUTHOR, "sign again with an expiry within the bound"),
    NONCE_USED(Fault.NOBODY, "nothing: the command was applied before"),
    MALFORMED(Fault.AUTHOR, "correct the field that the detail names"),
    NO_DEPOSIT(Fault.BUILDER, "deposit on chain and wait for its confirmation"),
    JOB_EXISTS(Fault.BUILDER, "watch the job; a new one needs a new deposit nonce"),
    UNKNOWN_JOB(Fault.BUILDER, "check the job id and the network"),
    JOB_ENDED(Fault.BUILDER, "nothing: the job has ended"),
    TOO_MANY_JOBS(Fault.NOBODY, "try again when other jobs have settled"),
    BUDGET_TOO_SMALL(
        Fault.BUILDER, "deposit what is missing, or lower price limit, rounds or shards"),
    DEADLINE_PAST(Fault.BUILDER, "set a later deadline"),
    REFUND_TOO_EARLY(Fault.BUILDER, "deposit with a later refund time or set an earlier deadline"),
    UNKNOWN_CLASS(Fault.AUTHOR, "use a class that the network's rules list"),
    UNKNOWN_WORKER(Fault.PROVIDER, "register the worker first"),
    WORKER_OF_ANOTHER(Fault.PROVIDER, "use a fresh worker key"),
    STAKE_TOO_SMALL(Fault.PROVIDER, "stake what is missing and wait for its confirmation"),
    COOLING_DOWN(Fault.PROVIDER, "ask again after the time that the detail names"),
    NO_ASK(Fault.PROVIDER, "nothing: there is no ask to withdraw"),
    NO_LEASE(Fault.PROVIDER, "drop the work: the lease is not yours, or it ended"),
    STALE_FENCE(Fault.PROVIDER, "drop the work: the task was leased again"),
    WRONG_PHASE(Fault.PROVIDER, "see the lease's phase in the detail"),
    WRONG_INPUTS(
        Fault.NOBODY,
        "nothing can be kept of it: this gateway named another job file, data or model; use others"),
    UNPROVABLE(
        Fault.PROVIDER,
        "let the lease end: no other execution could confirm this of a job that is not proven"),
    NOTHING_TO_REVEAL(Fault.NOBODY, "nothing: no audit waits for this seal to be opened"),
    SEAL_BROKEN(
        Fault.PROVIDER, "open the seal with the root, the result and the salt it was made with"),
    NOT_A_VALIDATOR(Fault.AUTHOR, "only the network's validators may say this"),
    UNKNOWN_FACT(Fault.NOBODY, "nothing: the fact is settled or was never open"),
    STALE_VIEW(Fault.NOBODY, "vote again in the view that the detail names"),
    CONTRADICTION(Fault.VALIDATORS, "a validator votes once in each view"),
    WRONG_VALUE(Fault.VALIDATORS, "the value's kind or size does not fit the fact"),
    STALE_SLOT(Fault.NOBODY, "beat again in the open slot"),
    BEACON_MISMATCH(
        Fault.VALIDATORS, "reveal the slot's place in the announced chain, or announce a new one"),
    NO_CHECKPOINTS(Fault.PROVIDER, "save none: the job's terms ask for none"),
    CHECKPOINT_STALE(Fault.PROVIDER, "go on training: a later checkpoint is saved already"),
    CHECKPOINT_TOO_SOON(Fault.NOBODY, "go on training, and save a later one"),
    NO_CHALLENGE(
        Fault.PROVIDER, "drop the work: the challenge is over, or waits for something else");

    private final Fault fault;
    private final String nextStep;

    Reason(Fault fault, String nextStep) {
      this.fault = fault;
      this.nextStep = nextStep;
    }

    public Fault fault() {
      return fault;
    }

    /** What the author can do about it, as an imperative clause. */
    public String nextStep() {
      return nextStep;
    }
  }

  @Override
  public String toString() {
    return reason + ": " + detail + ". Next: " + reason.nextStep + ".";
  }
}
