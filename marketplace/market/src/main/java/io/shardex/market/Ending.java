package io.shardex.market;

/** Why a job ended. */
public record Ending(Cause cause, String detail) {
  /** The causes, each with whose fault it is and what the builder can do. */
  public enum Cause {
    ALL_ROUNDS_DONE(Rejection.Fault.NOBODY, "fetch the model"),
    CANCELLED_BY_BUILDER(Rejection.Fault.BUILDER, "fetch the last closed round's model"),
    BUDGET_SPENT(Rejection.Fault.BUILDER, "submit the rest with a larger deposit"),
    DEADLINE_REACHED(
        Rejection.Fault.NOBODY, "fetch the last closed round's model; allow more time"),
    TERMS_REFUSED(Rejection.Fault.BUILDER, "mend what the detail names and submit again"),
    SHARD_ABANDONED(Rejection.Fault.NOBODY, "see the shard's history; submit again"),
    VALIDATORS_DISAGREE(
        Rejection.Fault.VALIDATORS, "submit again; the operators must compare their nodes"),
    DIVERGED(Rejection.Fault.BUILDER, "lower the learning rate or mend the data, and submit again"),
    RECLAIMED(Rejection.Fault.BUILDER, "nothing: the builder took the escrow back on chain");

    private final Rejection.Fault fault;
    private final String nextStep;

    Cause(Rejection.Fault fault, String nextStep) {
      this.fault = fault;
      this.nextStep = nextStep;
    }

    public Rejection.Fault fault() {
      return fault;
    }

    public String nextStep() {
      return nextStep;
    }
  }
}
