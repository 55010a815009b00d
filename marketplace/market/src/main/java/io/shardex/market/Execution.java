package io.shardex.market;

import java.util.Optional;

/**
 * How a job's shards are executed, and what that is worth as proof and in money.
 *
 * @param runtime what a worker must offer to be leased one
 * @param determinism whether another execution gives the same result
 * @param billing what the pay is counted by
 * @param checkpoint how often a shard's state is saved; never if empty. What is paid by time is
 *     paid for with each
 */
public record Execution(
    RuntimeKind runtime,
    Determinism determinism,
    Billing billing,
    Optional<CheckpointEvery> checkpoint) {
  /** Training in the market's own arithmetic, audited and paid by its work. */
  public static final Execution REFERENCE =
      new Execution(RuntimeKind.REFERENCE, Determinism.BITWISE, Billing.WORK, Optional.empty());

  /** A builder's model in libtorch: not proven, paid by its work. */
  public static final Execution TORCH =
      new Execution(RuntimeKind.TORCH, Determinism.TOLERANT, Billing.WORK, Optional.empty());

  /** A builder's command: not proven, paid by time. */
  public static final Execution COMMAND =
      new Execution(RuntimeKind.SANDBOX, Determinism.TOLERANT, Billing.TIME, Optional.empty());

  /** The same, of a command that needs a way to the internet. */
  public static final Execution COMMAND_ONLINE =
      new Execution(
          RuntimeKind.SANDBOX_ONLINE, Determinism.TOLERANT, Billing.TIME, Optional.empty());

  /** Whether executing a shard again proves or refutes its result. */
  public enum Determinism {
    /** Equal bits everywhere: results are audited, and a lie is slashed. */
    BITWISE,
    /**
     * Sold as not proven: nothing is drawn for audit, nobody is slashed for a result, and none
     * counts as history. A result that is there and well-formed stands.
     */
    TOLERANT
  }

  /** What a shard's pay is counted by. */
  public enum Billing {
    /** The work that the terms say a shard takes. */
    WORK,
    /**
     * The time from the lease's start to its result on the market's clock, at the rate of the
     * class; at most what the terms' work is worth, in all leases together. A step is a second.
     */
    TIME
  }

  /** The same with checkpoints this often. */
  public Execution saved(CheckpointEvery every) {
    return new Execution(runtime, determinism, billing, Optional.of(every));
  }

  /** Whether results can be audited. */
  public boolean isProvable() {
    return determinism == Determinism.BITWISE;
  }

  /** Whether pay goes by time, and with each checkpoint. */
  public boolean isTimed() {
    return billing == Billing.TIME;
  }

  /** Why these do not go together; empty if they do. */
  public Optional<String> contradiction() {
    if (isProvable() != (runtime == RuntimeKind.REFERENCE)) {
      return Optional.of("results of " + runtime + " cannot be sold as " + determinism);
    }
    if (isTimed() != runtime.runsCommands()) {
      return Optional.of("work of " + runtime + " is not billed by " + billing);
    }
    if (isTimed() && checkpoint.filter(CheckpointEvery.Steps.class::isInstance).isPresent()) {
      return Optional.of("what runs in " + runtime + " is saved by time, not by steps");
    }
    return Optional.empty();
  }
}
