package io.shardex.market;

/**
 * What runs a shard. An ask names those that its worker has and is willing to run; a job's terms
 * name the one it needs.
 */
public enum RuntimeKind {
  /** The market's own arithmetic: the same bits on every machine. */
  REFERENCE,
  /** A builder's TorchScript model. */
  TORCH,
  /** A builder's command, in a sandbox. */
  SANDBOX,
  /** A builder's command, in a sandbox with a way to the internet. */
  SANDBOX_ONLINE;

  /** Whether it runs commands: billed by time, and an index of outputs is what they come to. */
  public boolean runsCommands() {
    return switch (this) {
      case REFERENCE, TORCH -> false;
      case SANDBOX, SANDBOX_ONLINE -> true;
    };
  }
}
