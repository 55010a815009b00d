package io.shardex.training.proof;

/** A device could not do what a challenge asks for. */
public final class ProofFailure extends Exception {
  private static final long serialVersionUID = 1;

  public ProofFailure(String message) {
    super(message);
  }
}
