package io.shardex.protocol.client;

/** This key may not do that; says why and what to do about it. */
public final class Denied extends ClientFailure {
  private static final long serialVersionUID = 1;

  private final String nextStep;

  Denied(String reason, String nextStep) {
    super(nextStep.isEmpty() ? reason : reason + ". Next: " + nextStep + ".", null);
    this.nextStep = nextStep;
  }

  /** An imperative clause; empty if the node named none. */
  public String nextStep() {
    return nextStep;
  }
}
