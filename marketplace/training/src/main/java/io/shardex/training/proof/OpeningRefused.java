package io.shardex.training.proof;

/** An opening that does not show what it should. */
public final class OpeningRefused extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Flaw {
    /** Not an encoded opening. */
    MALFORMED,
    /** A leaf that chance asked for is not in it. */
    LEAF_MISSING,
    /** A leaf that is not the answer's. */
    NOT_IN_ANSWER,
    /** A matrix does not follow from the one before. */
    FALSE_PRODUCT,
    /** A block does not follow from its parents. */
    FALSE_BLOCK,
    /** A step of the walk leads elsewhere. */
    FALSE_STEP
  }

  private final Flaw flaw;

  OpeningRefused(Flaw flaw, String detail) {
    super(flaw + ": " + detail);
    this.flaw = flaw;
  }

  public Flaw flaw() {
    return flaw;
  }
}
